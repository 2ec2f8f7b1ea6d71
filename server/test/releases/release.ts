import type { IncomingEvent } from '@creatorflow/shared/events'

/** What the packed folder of a release holds. */
export const FILES = { data: 'data', events: 'events.json', answers: 'answers.json' } as const

export const CREATOR = {
  id: 'shop',
  name: 'Shop',
  time_zone: 'America/New_York',
  currency: 'USD',
} as const

/** What a release said of its data, in words that do not depend on the shape of its answers. */
export interface Answers {
  /** Totals by LIVE and metric. Units as in the metric catalogue. */
  readonly lives: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Values by metric and local day; null without one. */
  readonly days: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

const DAY_METRICS = ['gmv', 'main_orders', 'items_sold', 'refunds', 'viewers', 'gifts', 'comments']
const BATCH_EVENTS = 400

export async function answersOf(port: number): Promise<Answers> {
  const ask = async (path: string) => {
    const response = await fetch(`http://localhost:${port}/api/v1/creators/${CREATOR.id}${path}`)
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return response.json()
  }
  const lives: Record<string, Record<string, number>> = {}
  for (const { session_id } of (await ask('/lives')).lives) {
    lives[session_id] = (await ask(`/lives/${session_id}/summary`)).live.totals
  }
  const days: Record<string, Record<string, number | null>> = {}
  for (const metric of DAY_METRICS) {
    const range = 'from=2026-10-14T04:00:00Z&to=2026-11-01T04:00:00Z'
    const { series } = await ask(`/metrics/${metric}?bucket=1d&${range}`)
    days[metric] = Object.fromEntries(
      (series[0]?.points ?? []).map(({ day, value }: { day: string; value: number | null }) => [
        day,
        value,
      ]),
    )
  }
  return { lives, days }
}

/** Sends events in the order given and adds up what the server said of them. */
export async function sendAll(
  port: number,
  events: readonly IncomingEvent[],
): Promise<{ accepted: number; duplicates: number; conflicts: number; rejected: number }> {
  const sums = { accepted: 0, duplicates: 0, conflicts: 0, rejected: 0 }
  for (let from = 0; from < events.length; from += BATCH_EVENTS) {
    const response = await fetch(`http://localhost:${port}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events.slice(from, from + BATCH_EVENTS)),
    })
    const answer = await response.json()
    sums.accepted += answer.accepted
    sums.duplicates += answer.duplicates
    sums.conflicts += answer.conflicts.length
    sums.rejected += answer.rejected.length
  }
  return sums
}
