// npm run import: sends a recording of TikTok LIVE messages to a running server.
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import type { IngestAccount } from '@creatorflow/shared/features/ingest'
import { ImportError, openDoor } from './sources/tiktok-recording/http-door.ts'
import type { RecordedEvent } from './sources/tiktok-recording/normalise.ts'
import { planReplay } from './sources/tiktok-recording/plan-replay.ts'
import { openRecording, type Recording } from './sources/tiktok-recording/read-recording.ts'

const usage = `Usage: npm run import -- tiktok-live FILE --creator NAME [options]

Sends a recording of TikTok LIVE messages, one JSON object a line, to a running server.
Sending the same file again changes nothing.

  --creator NAME    whose LIVEs these are; created when missing, with NAME in small letters as its id
  --speed N         play it as if it happened now, N times as fast, on the creator NAME-replay
  --url URL         the server, http://localhost:3000 unless given
  --key KEY         an API key that may write events; not needed beside a server with the embedded database
  --time-zone ZONE  of a creator that is created, such as Europe/Berlin; this machine's unless given
  --currency CODE   of a creator that is created, USD unless given
  --locale TAG      of a creator that is created, en unless given`

/** Lines of one request: far below the server's limit, so that progress shows. */
const BATCH_EVENTS = 5_000
const TICK_MS = 100
const SAMPLES_OF_A_REJECT = 3
const FASTEST = 1_000

interface Command {
  readonly file: string
  readonly creator: NewCreator
  readonly speed: number | undefined
  readonly url: string
  readonly key: string | undefined
}

interface Tally {
  sent: number
  accepted: number
  duplicates: number
  conflicts: number
  unattributed: number
  readonly rejected: Map<string, { count: number; samples: string[] }>
}

/**
 * Runs the import with the arguments after `npm run import --` and returns the exit code: 0, 1 when
 * something was rejected or failed, 2 when it was called wrongly.
 */
export async function runImport(
  args: readonly string[],
  print: (line: string) => void = console.log,
): Promise<number> {
  let command: Command
  try {
    command = readCommand(args)
  } catch (error) {
    print(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  try {
    const recording = await openRecording(command.file).catch((error: Error) => {
      throw new ImportError(`${command.file} cannot be read: ${error.message}`)
    })
    const tally = emptyTally()
    await transfer(command, recording, tally, print)
    summarise(command, recording, tally, print)
    return tally.rejected.size > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    print(`Stopped: ${error.message}`)
    return 1
  }
}

function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      creator: { type: 'string' },
      speed: { type: 'string' },
      url: { type: 'string', default: 'http://localhost:3000' },
      key: { type: 'string' },
      'time-zone': { type: 'string' },
      currency: { type: 'string', default: 'USD' },
      locale: { type: 'string', default: 'en' },
    },
  })
  const [format, file, ...rest] = positionals
  if (format !== 'tiktok-live') throw new Error('The first word must be tiktok-live.')
  if (file === undefined) throw new Error('FILE is missing.')
  if (rest.length > 0) throw new Error(`One FILE at a time; what is "${rest[0]}"?`)
  const name = values.creator?.trim() ?? ''
  if (name === '') throw new Error('--creator NAME is missing.')
  const speed = values.speed === undefined ? undefined : Number(values.speed)
  if (speed !== undefined && !(speed > 0 && speed <= FASTEST)) {
    throw new Error(`--speed must be a number above 0 and up to ${FASTEST}.`)
  }
  if (!URL.canParse(values.url)) throw new Error(`--url ${values.url} is no address.`)
  const isReplay = speed !== undefined
  return {
    file,
    speed,
    url: values.url,
    key: values.key,
    creator: {
      id: isReplay ? `${slugOf(name).slice(0, 57)}-replay` : slugOf(name),
      name: isReplay ? `${name} (replay)` : name,
      time_zone: values['time-zone'] ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
      currency: values.currency,
      locale: values.locale,
      kind: isReplay ? 'replay' : 'real',
    },
  }
}

function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  if (slug === '') throw new Error('--creator NAME needs a letter from a to z or a digit.')
  return slug
}

async function transfer(
  command: Command,
  recording: Recording,
  tally: Tally,
  print: (line: string) => void,
): Promise<void> {
  const { creator, speed, url, key } = command
  const door = openDoor({
    url,
    key,
    onRetry: (reason, waitMs) => print(`${reason}; trying again in ${waitMs / 1_000} s`),
  })
  const found = await door.createCreator(creator)
  if (found === 'created') print(`Created the creator ${creator.id}.`)
  if (found === 'not_allowed') print(`This key may not create ${creator.id}: it has to be there.`)

  const send = async (events: RecordedEvent[], lane: 'live' | 'history') => {
    const addressed = events.map((event) => ({ ...event, creator_id: creator.id }))
    note(tally, addressed, await door.send(addressed, lane))
    print(`${tally.sent} sent, ${tally.accepted} accepted, ${tally.duplicates} duplicates`)
  }
  if (speed === undefined) await importHistory(recording, (events) => send(events, 'history'))
  else await replay(recording, speed, (events) => send(events, 'live'))
}

type Send = (events: RecordedEvent[]) => Promise<void>

async function importHistory(recording: Recording, send: Send): Promise<void> {
  let batch: RecordedEvent[] = []
  const flush = async () => {
    // Recordings may be ordered by type: in order of time the series of running totals come out right.
    if (batch.length > 0) await send(batch.sort((a, b) => a.ts - b.ts))
    batch = []
  }
  for await (const event of recording.events()) {
    batch.push(event)
    if (batch.length === BATCH_EVENTS) await flush()
  }
  await flush()
}

/** Sends every event when its time has come, in small requests. */
async function replay(recording: Recording, speed: number, send: Send): Promise<void> {
  const recorded: RecordedEvent[] = []
  for await (const event of recording.events()) recorded.push(event)
  const startAt = Date.now()
  const planned = planReplay(recorded, { startAt, speed, run: startAt.toString(36) })
  for (let next = 0; next < planned.length; ) {
    const due: RecordedEvent[] = []
    const now = Date.now()
    while (due.length < BATCH_EVENTS && (planned[next]?.ts ?? Number.POSITIVE_INFINITY) <= now) {
      due.push(planned[next++] as RecordedEvent)
    }
    if (due.length > 0) await send(due)
    if (next < planned.length) await sleep(TICK_MS)
  }
}

function emptyTally(): Tally {
  return {
    sent: 0,
    accepted: 0,
    duplicates: 0,
    conflicts: 0,
    unattributed: 0,
    rejected: new Map(),
  }
}

function note(tally: Tally, events: readonly RecordedEvent[], account: IngestAccount): void {
  tally.sent += events.length
  tally.accepted += account.accepted
  tally.duplicates += account.duplicates
  tally.conflicts += account.conflicts.length
  tally.unattributed += events.filter((event) => event.session_id === undefined).length
  for (const { index, code, message } of account.rejected) {
    const reason = tally.rejected.get(code) ?? { count: 0, samples: [] }
    reason.count++
    if (reason.samples.length < SAMPLES_OF_A_REJECT) {
      reason.samples.push(`${events[index]?.id}: ${message}`)
    }
    tally.rejected.set(code, reason)
  }
}

function summarise(
  { file, creator, url }: Command,
  { skipped, offsetMs }: Recording,
  tally: Tally,
  print: (line: string) => void,
): void {
  const rejected = [...tally.rejected.values()].reduce((sum, { count }) => sum + count, 0)
  const others = tally.conflicts > 0 ? ` (${tally.conflicts} with other content)` : ''
  print(`\n${basename(file)} → creator ${creator.id} at ${url}`)
  print(
    `${tally.sent} sent: ${tally.accepted} accepted, ${tally.duplicates} duplicates${others}, ${rejected} rejected`,
  )
  for (const [code, { count, samples }] of tally.rejected) {
    print(`  ${count} × ${code}, such as ${samples.join('; ')}`)
  }
  print(`${tally.unattributed} belong to no LIVE, for want of a room`)
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0)
  print(`${total} messages skipped${total > 0 ? ':' : ''}`)
  for (const [reason, count] of [...skipped].sort(([, a], [, b]) => b - a)) {
    print(`  ${count} × ${reason}`)
  }
  if (offsetMs !== undefined)
    print(`Local times of the recording are ${offsetMs / 60_000} min ahead of UTC.`)
}

if (import.meta.main) process.exitCode = await runImport(process.argv.slice(2))
