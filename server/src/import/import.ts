// npm run import: sends a file of events to a running server.
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ImportRules } from '@creatorflow/shared/features/import'
import { type Command, readCommand, usage } from './command.ts'
import type { Context, Source } from './formats/format.ts'
import { type HttpDoor, ImportError, openDoor } from './http-door.ts'
import { createScreen, type Screen } from './progress.ts'
import { openReport } from './report.ts'
import { bookmarkOf } from './resume.ts'
import { contextOf, limitsOf, rulesOf, shopWarning } from './rules.ts'
import {
  emptyTally,
  noteAccount,
  noteRejected,
  noteUnsent,
  type Tally,
  tallyDocument,
  tallyWords,
} from './tally.ts'
import { replay, type Settle, transfer } from './transfer.ts'

export interface ImportIo {
  /** Receives the summary, one JSON document. */
  readonly out: (text: string) => void
  /** Receives text for a person. */
  readonly err: (text: string) => void
  readonly isTerminal?: boolean
  /** Ends the import after the current request. */
  readonly signal?: AbortSignal
}

const INTERRUPTED = 130
const resumes = 'The same command resumes from here; --restart starts over.'

/**
 * Runs the import with the arguments after `npm run import --` and returns the exit code: 0, 1 if something
 * was rejected or failed, 2 for wrong usage, 130 if it was interrupted.
 */
export async function runImport(args: readonly string[], io: ImportIo): Promise<number> {
  const screen = createScreen(io.err, io.isTerminal ?? false)
  let command: Command
  try {
    command = readCommand(args)
  } catch (error) {
    screen.line(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  const tally = emptyTally()
  try {
    return await importFile(command, tally, screen, io)
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    screen.line(`Stopped: ${error.message}${tally.counts.sent > 0 ? `. ${resumes}` : ''}`)
    return 1
  }
}

const neverAborted = new AbortController().signal

async function importFile(
  command: Command,
  tally: Tally,
  screen: Screen,
  io: ImportIo,
): Promise<number> {
  const door = doorOf(command, screen)
  const rules = await rulesOf(command, door, screen)
  const context = contextOf(command, rules)
  const source = await command.open(command.file, context).catch((error: NodeJS.ErrnoException) => {
    const words = error.code === undefined ? '' : ` cannot be read`
    throw new ImportError(`${command.file}${words}: ${error.message}`)
  })
  for (const note of source.notes ?? []) screen.line(note)
  const run = { command, door, rules, context, source, tally, screen }
  const isComplete = await send(run, io.signal ?? neverAborted)
  if (!isComplete) {
    screen.line(`Interrupted. ${resumes}`)
    return INTERRUPTED
  }
  summarise(run, io.out)
  return tally.counts.rejected > 0 && !command.allowRejected ? 1 : 0
}

/** What one import works with. */
interface Run {
  readonly command: Command
  readonly door: HttpDoor
  /** Undefined if the server has no such creator yet, or was unavailable for a dry run. */
  readonly rules: ImportRules | undefined
  readonly context: Context
  readonly source: Source
  readonly tally: Tally
  readonly screen: Screen
}

function doorOf({ url, key, speed, isNow }: Command, screen: Screen): HttpDoor {
  return openDoor({
    url,
    key,
    // What happens now is not history.
    lane: speed !== undefined || isNow ? 'live' : 'history',
    onRetry: (reason, waitMs) =>
      screen.line(`${reason}; retrying in ${Math.round(waitMs / 100) / 10} s`),
  })
}

async function send(
  { command, door, rules, context, source, tally, screen }: Run,
  signal: AbortSignal,
): Promise<boolean> {
  const { creator, speed, url, isDryRun, file } = command
  const isReplay = speed !== undefined
  const totalBytes = (await stat(file)).size
  const bookmark = await bookmarkOf(file, creator.id, [url, command.how], (reason) =>
    screen.line(
      `If interrupted, this import will start over, because its progress can’t be saved: ${reason}`,
    ),
  )
  const canResume = !isDryRun && !isReplay
  if (!isDryRun) {
    const isNew = rules === undefined && (await create(command, door, screen))
    // A server that has lost its creator has also lost its events.
    if (isNew || command.restart) await bookmark.clear()
  }
  const before = canResume ? await bookmark.read() : undefined
  const sentBefore = before?.tally.counts.sent ?? 0
  if (before) {
    Object.assign(tally, before.tally)
    screen.line(`Resuming after ${before.done} items already sent.`)
  }
  const report =
    command.report === undefined
      ? undefined
      : await openReport(command.report, before !== undefined)
  const startedAt = performance.now()
  const warn = shopWarning(rules, screen)
  const settle: Settle = async (events, rejected, done) => {
    warn(events)
    tally.items += events.length + rejected.length
    const refused = [...rejected]
    if (isDryRun) noteUnsent(tally, events, context.creatorCurrency)
    else if (events.length > 0) {
      const account = await door.send(events.map(({ event }) => event))
      refused.push(...noteAccount(tally, events, account, context.creatorCurrency))
    }
    for (const item of refused) {
      noteRejected(tally, item)
      await report?.add(item)
    }
    if (canResume) await bookmark.write({ done, tally })
    screen.progress(() => ({
      bytes: source.bytesRead,
      totalBytes,
      events: tally.counts.sent - sentBefore,
      elapsedMs: performance.now() - startedAt,
    }))
  }
  const options = { creatorId: creator.id, signal }
  try {
    const limits = isDryRun ? limitsOf(rules) : undefined
    const isComplete = isReplay
      ? await replay(source, { ...options, speed }, settle)
      : await transfer(source, { ...options, limits, skip: before?.done ?? 0 }, settle)
    if (isComplete && canResume) await bookmark.clear()
    return isComplete
  } finally {
    await report?.close()
  }
}

/** Creates the creator of a command; false if it was created meanwhile. */
async function create({ creator }: Command, door: HttpDoor, screen: Screen): Promise<boolean> {
  const found = await door.createCreator(creator)
  if (found === 'not_allowed') {
    throw new ImportError(`Creator ${creator.id} doesn’t exist, and this key can’t create it.`)
  }
  if (found === 'created') screen.line(`Created the creator ${creator.id}.`)
  return found === 'created'
}

function summarise(
  { command, context, source, tally, screen }: Run,
  out: (text: string) => void,
): void {
  const { file, creator, url, format, isDryRun } = command
  const ofSource = source.summary?.()
  const leftOut = source.leftOut ?? 0
  screen.line(`\n${basename(file)} → creator ${creator.id} at ${url}`)
  const { creatorCurrency } = context
  for (const line of tallyWords(tally, { isDryRun, leftOut, creatorCurrency })) screen.line(line)
  for (const line of ofSource?.words ?? []) screen.line(line)
  const document = {
    format,
    file,
    creator_id: creator.id,
    dry_run: isDryRun,
    ...tallyDocument(tally, leftOut),
    ...ofSource?.json,
  }
  out(`${JSON.stringify(document, null, 2)}\n`)
}

if (import.meta.main) {
  const interrupted = new AbortController()
  process.once('SIGINT', () => {
    // The second Ctrl-C ends the process at once.
    process.stderr.write('\nStopping after this request…\n')
    interrupted.abort()
  })
  process.exitCode = await runImport(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    signal: interrupted.signal,
  })
}
