import { aimText, type Budget, type BudgetName, budgets, reaches } from './budgets.ts'

/** One line of the report: a figure with a target, or an informational one. */
export type Figure =
  | { readonly budget: BudgetName; readonly value: number | null }
  | { readonly label: string; readonly unit: string; readonly value: number | null }

/** The scenarios' figures as a table, one line each; a figure with a target shows whether it is met. */
export function figureTable(
  scenarios: readonly { readonly name: string; readonly figures: readonly Figure[] }[],
): string {
  const rows = scenarios.flatMap(({ name, figures }) =>
    figures.map((figure, index) => [index === 0 ? name : '', ...cellsOf(figure)]),
  )
  return aligned([['', 'figure', 'measured', 'aim', ''], ...rows])
}

function cellsOf(figure: Figure): string[] {
  const { value } = figure
  if (!('budget' in figure)) return [figure.label, shown(value, figure.unit), '', '']
  const budget: Budget = budgets[figure.budget]
  const verdict = value === null ? 'not measured' : reaches(budget, value) ? 'reached' : 'missed'
  return [budget.label, shown(value, budget.unit), aimText(budget), verdict]
}

/** Three significant digits: more would claim more than a run can show. */
export function shown(value: number | null, unit: string): string {
  if (value === null) return '–'
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return `${value.toLocaleString('en', { maximumFractionDigits: Math.min(3, digits) })} ${unit}`.trimEnd()
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? '')].length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const fill = ' '.repeat((widths[column] ?? 0) - [...cell].length)
          return column === 2 ? fill + cell : cell + fill
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
