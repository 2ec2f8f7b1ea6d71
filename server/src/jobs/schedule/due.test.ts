import { describe, expect, test } from 'vitest'
import { dueOf } from './due.ts'

const at = (text: string): number => Date.parse(text)
/** All due times within a range, by asking for the next one repeatedly. */
function times(cron: string, zone: string, from: string, to: string): string[] {
  const due = dueOf(cron, zone)
  const found: string[] = []
  for (let t = due.next(at(from)); t <= at(to); t = due.next(t))
    found.push(new Date(t).toISOString())
  return found
}

describe('when a job is due', () => {
  test.each([
    // 02:30 does not exist on 29 March, and comes twice on 25 October.
    ['Europe/Berlin', '2026-03-28T00:00:00Z', ['28T01:30', '29T01:00', '30T00:30']],
    ['Europe/Berlin', '2026-10-24T00:00:00Z', ['24T00:30', '25T00:30', '26T01:30']],
    ['Asia/Kathmandu', '2026-10-24T00:00:00Z', ['24T20:45', '25T20:45', '26T20:45']],
  ])('[NODE-7] a time of the day comes once each day in %s', (zone, from, days) => {
    const to = new Date(at(from) + 3 * 86_400_000).toISOString()
    const shown = times('30 2 * * *', zone, from, to).map((time) => time.slice(8, 16))
    expect(shown.slice(0, 3)).toEqual(days)
    const localDays = times('30 2 * * *', zone, from, '2026-11-30T00:00:00Z').map((time) =>
      new Date(time).toLocaleDateString('sv-SE', { timeZone: zone }),
    )
    expect(new Set(localDays).size).toBe(localDays.length)
  })

  test('[NODE-7] of missed times the last counts, and the range includes its end', () => {
    const due = dueOf('0 * * * *', 'UTC')
    const last = (since: string, until: string) => due.last(at(since), at(until))
    expect(last('2026-11-30T08:00:00Z', '2026-11-30T08:59:59.999Z')).toBeUndefined()
    expect(last('2026-11-30T08:00:00Z', '2026-11-30T09:00:00Z')).toBe(at('2026-11-30T09:00:00Z'))
    expect(last('2026-11-30T08:00:00Z', '2026-11-30T09:00:00.001Z')).toBe(
      at('2026-11-30T09:00:00Z'),
    )
    expect(last('2026-11-01T00:00:00Z', '2026-11-30T09:59:00Z')).toBe(at('2026-11-30T09:00:00Z'))
    expect(last('2026-11-30T08:59:59.999Z', '2026-11-30T09:00:00Z')).toBe(
      at('2026-11-30T09:00:00Z'),
    )
  })

  test('[NODE-7] a pattern or a zone that cannot be read throws', () => {
    expect(() => dueOf('61 * * * *', 'UTC')).toThrow()
    expect(() => dueOf('* * * * * *', 'UTC')).toThrow()
    expect(() => dueOf('0 9 * * 1', 'Mars/Olympus').next(0)).toThrow()
  })
})
