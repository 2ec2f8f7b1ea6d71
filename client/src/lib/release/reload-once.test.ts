import { expect, it } from 'vitest'
import { HOLD_MS, reloadOnce } from './reload-once.ts'

/** A tab across reloads, with a server that always has another version. */
function tab() {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  let now = 0
  return {
    pass(ms: number) {
      now += ms
    },
    load(isNewer = true) {
      let leave = () => {}
      const page = {
        fetch: async (_input: unknown) => new Response(),
        addEventListener(_type: string, listener: () => void) {
          leave = listener
        },
      }
      reloadOnce(
        page as never,
        storage,
        () => isNewer,
        () => now,
      )
      const asks = (path: string) =>
        page.fetch(path).then(
          () => true,
          () => false,
        )
      return { leave, asks }
    },
  }
}

it('[PAGE-8] a page that was reloaded for a release does not reload again within a minute', async () => {
  const { load, pass } = tab()
  const first = load()
  expect(await first.asks('/_app/version.json')).toBe(true)
  first.leave()

  const second = load()
  expect(await second.asks('/_app/version.json')).toBe(false)
  expect(await second.asks('/api/v1/me')).toBe(true)
  pass(HOLD_MS - 1)
  expect(await second.asks('/_app/version.json')).toBe(false)
  pass(1)
  expect(await second.asks('/_app/version.json')).toBe(true)
})

it('[PAGE-8] a page that was left for another reason checks at once', async () => {
  const { load } = tab()
  load(false).leave()
  expect(await load().asks('/_app/version.json')).toBe(true)
})
