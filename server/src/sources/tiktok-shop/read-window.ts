/** One page of a search; `next` is empty on the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string
  readonly total: number
}

export interface Window<T> {
  readonly items: readonly T[]
  /** Fewer than the search itself reports, however often it was read. */
  readonly isShort: boolean
}

/** A page that leads to pages without end. */
const MOST_PAGES = 2_000
const MOST_READS = 5

/**
 * Everything a search finds, each once. Meanwhile things change and move: pages repeat some and skip others.
 * So it is read again while it has fewer than it reports and the last time brought something new.
 */
export async function readWindow<T>(
  read: (token: string) => Promise<Page<T>>,
  idOf: (item: T) => string,
): Promise<Window<T>> {
  const found = new Map<string, T>()
  for (let reads = 1; ; reads++) {
    const before = found.size
    const total = await readOnce(read, (item) => found.set(idOf(item), item))
    const isShort = found.size < total
    const isSettled = reads > 1 && found.size === before
    if (!isShort || isSettled || reads === MOST_READS) {
      return { items: [...found.values()], isShort }
    }
  }
}

async function readOnce<T>(
  read: (token: string) => Promise<Page<T>>,
  found: (item: T) => void,
): Promise<number> {
  const tokens = new Set<string>()
  for (let token = ''; ; ) {
    const { items, next, total } = await read(token)
    items.forEach(found)
    // The same token again would loop.
    if (next === '' || tokens.has(next) || tokens.size >= MOST_PAGES) return total
    tokens.add(next)
    token = next
  }
}
