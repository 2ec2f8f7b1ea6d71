import type { Page } from 'playwright-core'

/** What the cockpit says at one moment; null is what it shows as not known. */
export interface Shown {
  readonly seq: number
  readonly tiles: Readonly<Record<string, number | null>>
  /** Counts and GMV as they are written. */
  readonly written: Readonly<Record<string, string>>
  readonly funnel: Readonly<Record<string, number | null>>
  readonly products: Readonly<Record<string, readonly string[]>>
  /** By activity and clock time, of minutes in which something happened. */
  readonly heat: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly day: Readonly<Record<string, number | null>>
}

/** Metrics whose text is compared as well: money in full and whole numbers. */
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

/** Columns of the product table, by their heads. */
export const productColumns = ['Clicks', 'GMV', 'Stock'] as const

/** A ratio is compared by ten digits: the order of its operations is nobody's business. */
export const rounded = (value: number): number => Number(value.toPrecision(10))

// What runs in the page is text: types of a browser are none of a server's.
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

/** Everything that the panels say, of one moment: nothing is drawn in between. */
export function shownBy(page: Page): Promise<Shown> {
  return page.evaluate<Shown>(readShown)
}

export interface ListedRow {
  /** With single spaces. */
  readonly text: string
  /** NaN in a list without times. */
  readonly ts: number
}

/** The rows of one list of people as they are. */
export function listShownBy(page: Page, list: string): Promise<ListedRow[]> {
  return page.evaluate<ListedRow[]>(
    `[...document.querySelectorAll('[data-list=${list}] > li')].map((row) => ({
      text: row.innerText.replace(/\\s+/g, ' ').trim(),
      ts: Date.parse(row.querySelector('time')?.dateTime ?? ''),
    }))`,
  )
}
