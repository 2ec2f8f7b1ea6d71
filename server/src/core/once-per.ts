/** Returns true for an id at most once per interval; its memory is bounded. */
export function createOncePer(intervalMs: number, maxEntries = 10_000): (id: string) => boolean {
  const lastAt = new Map<string, number>()
  return (id) => {
    const now = performance.now()
    const last = lastAt.get(id)
    if (last !== undefined && now - last < intervalMs) return false
    // Forgetting everything costs one more write per id.
    if (lastAt.size >= maxEntries) lastAt.clear()
    lastAt.set(id, now)
    return true
  }
}
