import { expect, it } from 'vitest'
import { idleLimits, mayReload, type Presence } from './idle.ts'

const HOUR = 3_600_000
const idle: Presence = {
  now: HOUR,
  lastInputAt: 0,
  loadedAt: 0,
  inField: false,
  dialogOpen: false,
  messageShown: false,
  liveSince: null,
}

it('[PAGE-8] a new release reloads the page only when nobody is using it', () => {
  expect(mayReload(idle)).toBe(true)
  expect(mayReload({ ...idle, liveSince: 0 })).toBe(true)
  const reasons: Partial<Presence>[] = [
    { inField: true },
    { dialogOpen: true },
    { messageShown: true },
    { lastInputAt: HOUR - idleLimits.quietMs + 1 },
    { loadedAt: HOUR - idleLimits.sinceLoadMs + 1 },
    { liveSince: HOUR - idleLimits.liveStartMs + 1 },
  ]
  for (const reason of reasons) {
    expect(mayReload({ ...idle, ...reason }), JSON.stringify(reason)).toBe(false)
  }
})
