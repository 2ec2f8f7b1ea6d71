import { aimText, type Budget, type BudgetName, budgets, reaches } from '../budgets.ts'
import type { Figure } from '../table.ts'

export interface Verdict {
  /** The figures with their targets in words. */
  readonly told: readonly object[]
  /** What was missed, or not measured. */
  readonly missed: readonly BudgetName[]
}

/** Figures next to their budgets. */
export function verdictOf(figures: readonly Figure[]): Verdict {
  const missed: BudgetName[] = []
  const told = figures.map((figure) => {
    if (!('budget' in figure)) return figure
    const budget: Budget = budgets[figure.budget]
    const reached = figure.value !== null && reaches(budget, figure.value)
    if (!reached) missed.push(figure.budget)
    return { ...figure, label: budget.label, unit: budget.unit, aim: aimText(budget), reached }
  })
  return { told, missed }
}
