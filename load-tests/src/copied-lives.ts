import { streamLive } from '@creatorflow/shared/simulator/simulate-live'
import { ask } from './bench-database.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** About as many as a LIVE of a minute at rate 1 has. */
const EVENTS_A_MINUTE = 650
/** Part of every id of the first LIVE; its copies have their number there. */
const MARK = '@0'

/**
 * The events of one LIVE of the day before, in bodies. Only its start, its end and half of the others name
 * it: the rest is attributed by time.
 */
export function liveToCopy(events: number, eventsPerBody: number) {
  // Midnight in Tokyo is in its first hour.
  const startAt = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS + 14.5 * 60 * MINUTE_MS
  const durationMs = 180 * MINUTE_MS
  const sessionId = `live${MARK}`
  const { events: stream } = streamLive({
    seed: 'recount',
    sessionId,
    startAt,
    durationMs,
    rate: events / (EVENTS_A_MINUTE * 180),
    currency: 'USD',
    timeZone: 'UTC',
    aftermath: false,
    regularsOf: sessionId,
  })
  const lines: Buffer[] = []
  let pinned: { readonly at: number; readonly product_id: string } | undefined
  for (const event of stream) {
    const { session_id, pin_id: _, ...rest } = event
    const isNamed = /^live_|^product_(un)?pinned/.test(event.type) || lines.length % 2 === 0
    const { product_id, sku_id } = event
    if (event.type === 'product_pinned' && product_id && !pinned) {
      pinned = { at: event.ts, product_id: `${product_id}${MARK}` }
    }
    const ids = {
      ...(product_id !== undefined && { product_id: `${product_id}${MARK}` }),
      ...(sku_id !== undefined && { sku_id: `${sku_id}${MARK}` }),
    }
    lines.push(
      Buffer.from(`${JSON.stringify({ ...rest, ...(isNamed && { session_id }), ...ids })}\n`),
    )
  }
  if (!pinned) throw new Error('nothing was pinned in the simulated LIVE')
  const bodies = Array.from({ length: Math.ceil(lines.length / eventsPerBody) }, (_, n) =>
    Buffer.concat(lines.slice(n * eventsPerBody, (n + 1) * eventsPerBody)),
  )
  return { bodies, events: lines.length, sessionId, startAt, pinned }
}

/** Tables that hold the LIVE, with their time and day columns; all other texts hold ids. */
const tables = [
  { name: 'lives', times: ['started_at', 'ended_at', 'last_at'] },
  { name: 'pin_marks', times: ['at'] },
  { name: 'people_days', times: [] },
  { name: 'claims', times: ['at'] },
  { name: 'events', times: ['ts', 'received_at', 'live_started_at'] },
] as const

/**
 * Copies a creator's only LIVE to earlier days, in the database, as if each had been sent: a pipeline would
 * take an hour. All of it is on one day, and its ids contain its mark.
 */
export async function copyLive(
  url: string,
  { creatorId, events, startAt }: { creatorId: string; events: number; startAt: number },
  copies: number,
  say: (line: string) => void,
): Promise<void> {
  const day = new Date(startAt).toISOString().slice(0, 10)
  for (const { name, times } of tables) {
    const columns = await ask<{ column_name: string; data_type: string }>(
      url,
      `select column_name, data_type from information_schema.columns
       where table_schema = 'public' and table_name = '${name}' order by ordinal_position`,
    )
    const copied = columns.map(({ column_name: column, data_type }) => {
      if (column === 'seq') return `seq + n * ${events}`
      if (times.some((time) => time === column)) return `${column} - make_interval(days => n)`
      if (data_type !== 'text' || column === 'creator_id') return column
      return `replace(replace(${column}, '${MARK}', '@' || n),
        '${day}', to_char('${day}'::date - n, 'YYYY-MM-DD'))`
    })
    for (let n = 1; n <= copies; n++) {
      await ask(
        url,
        `insert into ${name} (${columns.map((c) => c.column_name).join(', ')})
         select ${copied.join(', ')} from ${name}, (select ${n} as n) copy
         where creator_id = '${creatorId}'
           and ${name === 'events' ? `seq <= ${events}` : `${original[name]} like '%${name === 'people_days' ? day : MARK}%'`}`,
      )
    }
    say(`${name}: ${copies} copies`)
  }
  await ask(
    url,
    `update counters set seq = ${events * (copies + 1)} where creator_id = '${creatorId}'`,
  )
  await ask(url, `delete from tail where creator_id = '${creatorId}'`)
  await ask(url, `delete from checkpoints where creator_id = '${creatorId}'`)
  await ask(url, 'analyze')
}

/** A column that identifies the rows of the first LIVE. */
const original = {
  lives: 'session_id',
  pin_marks: 'session_id',
  people_days: 'day',
  claims: 'key',
  events: 'id',
} as const
