import type { Reply } from '@creatorflow/shared/endpoint'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { getHistory } from '@creatorflow/shared/features/history'
import type { listLives } from '@creatorflow/shared/features/live'
import type { getSummary } from '@creatorflow/shared/features/summary'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'

/** The content of a release's packed folder. */
export const FILES = { data: 'data', events: 'events.json', answers: 'answers.json' } as const

export const CREATOR = {
  id: 'shop',
  name: 'Shop',
  time_zone: 'America/New_York',
  currency: 'USD',
} as const

/** What a release said of its data, independent of the shape of its answers. */
export interface Answers {
  /** Totals by LIVE and metric. Units as in the metric catalogue. */
  readonly lives: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Values by metric and local day; null without one. */
  readonly days: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

const DAY_METRICS = ['gmv', 'main_orders', 'items_sold', 'refunds', 'viewers', 'gifts', 'comments']
const BATCH_EVENTS = 400

export async function answersOf(port: number): Promise<Answers> {
  const ask = async <T>(path: string) => {
    const response = await fetch(`http://localhost:${port}/api/v1/creators/${CREATOR.id}${path}`)
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return response.json() as Promise<T>
  }
  const lives: Record<string, Record<string, number>> = {}
  const { lives: list } = await ask<Reply<typeof listLives>>('/lives')
  for (const { session_id } of list) {
    const { live } = await ask<Reply<typeof getSummary>>(`/lives/${session_id}/summary`)
    lives[session_id] = live.totals
  }
  const days: Record<string, Record<string, number | null>> = {}
  for (const metric of DAY_METRICS) {
    const range = 'from=2026-10-14T04:00:00Z&to=2026-11-01T04:00:00Z'
    const { series } = await ask<Reply<typeof getHistory>>(`/metrics/${metric}?bucket=1d&${range}`)
    days[metric] = Object.fromEntries(
      (series[0]?.points ?? []).map(({ day, value }) => [day, value]),
    )
  }
  return { lives, days }
}

/** Sends events in the given order and adds up the server's answers. */
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
    const answer = (await response.json()) as IngestAccount
    sums.accepted += answer.accepted
    sums.duplicates += answer.duplicates
    sums.conflicts += answer.conflicts.length
    sums.rejected += answer.rejected.length
  }
  return sums
}
