/** How long a page reloaded for a release does not reload again. */
export const HOLD_MS = 60_000

const KEY = 'left-for-release-at'

/**
 * Keeps the kit from reloading repeatedly: it replaces a page whose files are gone as soon as the server has
 * another version, and servers of two releases side by side always have another one. `storage` is the tab's;
 * `isNewer` says whether a newer release was seen.
 */
export function reloadOnce(
  page: Pick<Window & typeof globalThis, 'fetch' | 'addEventListener'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  isNewer: () => boolean,
  now: () => number = Date.now,
): void {
  const leftAt = Number(storage.getItem(KEY) ?? Number.NEGATIVE_INFINITY)
  const ask = page.fetch
  page.fetch = (input, init) => {
    const held = now() - leftAt < HOLD_MS && String(input).endsWith('/_app/version.json')
    // The kit takes an unreadable version for its own.
    return held
      ? Promise.reject(new Error('Already reloaded for a newer release.'))
      : ask(input, init)
  }
  page.addEventListener('pagehide', () => {
    if (isNewer()) storage.setItem(KEY, String(now()))
  })
}
