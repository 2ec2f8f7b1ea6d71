import type { Page } from 'playwright-core'

/** What the cockpit shows at one moment; null is unknown. */
export interface Shown {
  readonly seq: number
  readonly tiles: Readonly<Record<string, number | null>>
  /** Counts and GMV as displayed. */
  readonly written: Readonly<Record<string, string>>
  readonly funnel: Readonly<Record<string, number | null>>
  readonly products: Readonly<Record<string, readonly string[]>>
  /** By activity and clock time, for minutes with events. */
  readonly heat: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly day: Readonly<Record<string, number | null>>
}

/** Metrics whose text is compared as well: full amounts and whole numbers. */
export const writtenMetrics = [
  'gmv',
  'main_orders',
  'diamonds',
  'product_clicks',
  'likes',
  'comments',
  'shares',
  'follows',
] as const

/** Columns of the product table, by their headers. */
export const productColumns = ['Clicks', 'GMV', 'Stock'] as const

/** A ratio is compared by ten digits: the order of its operations does not matter. */
export const rounded = (value: number): number => Number(value.toPrecision(10))

// What runs in the page is text: browser types are not a server's.
const readShown = `(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]
  const textOf = (element) => (element?.textContent ?? '').replace(/\\s+/g, ' ').trim()
  const valueOf = (element) => {
    const text = element?.getAttribute('data-value') ?? ''
    return text === '' ? null : Number(Number(text).toPrecision(10))
  }
  const own = (tile) => tile.querySelector('[data-metric="' + tile.dataset.tile + '"]')
  const heat = {}
  for (const cell of all('table[aria-label^="Activity by minute"] button')) {
    const [, label, clock, value] = /^(\\S+) (.+?): ([\\d,]+)/.exec(cell.getAttribute('aria-label').replace(/\\s+/g, ' ')) ?? []
    if (value !== '0') (heat[label] ??= {})[clock] = value
  }
  const products = {}
  for (const row of all('tr[data-product]')) {
    const heads = all('thead th', row.closest('table')).map(textOf)
    products[row.dataset.product] = ${JSON.stringify(productColumns)}.map((head) =>
      textOf(row.cells[heads.indexOf(head)]))
  }
  return {
    seq: Number(document.querySelector('[data-testid=seq]')?.dataset.seq),
    tiles: Object.fromEntries(all('[data-tile]').map((tile) => [tile.dataset.tile, valueOf(own(tile))])),
    written: Object.fromEntries(${JSON.stringify(writtenMetrics)}.map((metric) =>
      [metric, textOf(document.querySelector('[data-tile="' + metric + '"] [data-metric="' + metric + '"]'))])),
    funnel: Object.fromEntries(all('[data-step]').map((step) => [step.dataset.step, valueOf(step)])),
    products,
    heat,
    day: Object.fromEntries(all('[data-testid=day] [data-metric]').map((one) =>
      [one.dataset.metric, valueOf(one)])),
  }
})()`

/** Everything the panels show at one moment: nothing is drawn in between. */
export function shownBy(page: Page): Promise<Shown> {
  return page.evaluate<Shown>(readShown)
}

export interface ListedRow {
  /** With single spaces. */
  readonly text: string
  /** NaN in a list without times. */
  readonly ts: number
}

/** The rows of one list of people, as shown. */
export function listShownBy(page: Page, list: string): Promise<ListedRow[]> {
  return page.evaluate<ListedRow[]>(
    `[...document.querySelectorAll('[data-list=${list}] > li')].map((row) => ({
      text: row.innerText.replace(/\\s+/g, ' ').trim(),
      ts: Date.parse(row.querySelector('time')?.dateTime ?? ''),
    }))`,
  )
}
