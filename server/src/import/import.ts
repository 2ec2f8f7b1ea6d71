// npm run import: sends a file of events to a running server.
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, readCommand, usage } from './command.ts'
import type { Source } from './format.ts'
import { ImportError, openDoor } from './http-door.ts'
import { createScreen, type Screen } from './progress.ts'
import { openReport } from './report.ts'
import { bookmarkOf } from './resume.ts'
import { emptyTally, noteAccount, noteRejected, type Tally, tallyWords } from './tally.ts'
import { replay, type Settle, transfer } from './transfer.ts'

export interface ImportIo {
  /** Takes the summary, one JSON document. */
  readonly out: (text: string) => void
  /** Takes words for a person. */
  readonly err: (text: string) => void
  readonly isTerminal?: boolean
  /** Ends the import after the request that is on its way. */
  readonly signal?: AbortSignal
}

const INTERRUPTED = 130
const goesOn = 'The same command goes on from here; --restart begins anew.'

/**
 * Runs the import with the arguments after `npm run import --` and returns the exit code: 0, 1 when
 * something was rejected or failed, 2 when it was called wrongly, 130 when it was interrupted.
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
    const source = await command.open(command.file).catch((error: NodeJS.ErrnoException) => {
      const words = error.code === undefined ? '' : ` cannot be read`
      throw new ImportError(`${command.file}${words}: ${error.message}`)
    })
    for (const note of source.notes ?? []) screen.line(note)
    const isComplete = await send(command, source, tally, screen, io.signal ?? neverAborted)
    if (!isComplete) {
      screen.line(`Interrupted. ${goesOn}`)
      return INTERRUPTED
    }
    summarise(command, source, tally, screen, io.out)
    return tally.counts.rejected > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    screen.line(`Stopped: ${error.message}${tally.counts.sent > 0 ? `. ${goesOn}` : ''}`)
    return 1
  }
}

const neverAborted = new AbortController().signal

async function send(
  command: Command,
  source: Source,
  tally: Tally,
  screen: Screen,
  signal: AbortSignal,
): Promise<boolean> {
  const { creator, speed, url, key, isDryRun, file } = command
  const isReplay = speed !== undefined
  const totalBytes = (await stat(file)).size
  const door = openDoor({
    url,
    key,
    lane: isReplay ? 'live' : 'history',
    onRetry: (reason, waitMs) =>
      screen.line(`${reason}; trying again in ${Math.round(waitMs / 100) / 10} s`),
  })
  const bookmark = await bookmarkOf(file, creator.id, [url, command.how], (reason) =>
    screen.line(`If this is interrupted it will begin anew, because it cannot be noted: ${reason}`),
  )
  const canResume = !isDryRun && !isReplay
  if (!isDryRun) {
    const found = await door.createCreator(creator)
    if (found === 'created') screen.line(`Created the creator ${creator.id}.`)
    if (found === 'not_allowed') {
      screen.line(`This key may not create ${creator.id}: it has to be there.`)
    }
    // A server that has lost its creator has lost what was sent to it, too.
    if (found === 'created' || command.restart) await bookmark.clear()
  }
  const before = canResume ? await bookmark.read() : undefined
  if (before) {
    Object.assign(tally.counts, before.counts)
    screen.line(`Going on after ${before.done} items that were sent before.`)
  }
  const report =
    command.report === undefined
      ? undefined
      : await openReport(command.report, before !== undefined)
  const startedAt = performance.now()
  const settle: Settle = async (events, rejected, done) => {
    const refused = [...rejected]
    if (isDryRun) tally.counts.sent += events.length
    else if (events.length > 0) {
      refused.push(...noteAccount(tally, events, await door.send(events.map(({ event }) => event))))
    }
    for (const item of refused) {
      noteRejected(tally, item)
      await report?.add(item)
    }
    if (canResume) await bookmark.write({ done, counts: tally.counts })
    screen.progress(() => ({
      bytes: source.bytesRead,
      totalBytes,
      events: tally.counts.sent - (before?.counts.sent ?? 0),
      elapsedMs: performance.now() - startedAt,
    }))
  }
  const options = { creatorId: creator.id, signal }
  try {
    const isComplete = isReplay
      ? await replay(source, { ...options, speed }, settle)
      : await transfer(source, { ...options, skip: before?.done ?? 0 }, settle)
    if (isComplete && canResume) await bookmark.clear()
    return isComplete
  } finally {
    await report?.close()
  }
}

function summarise(
  { file, creator, url, format, isDryRun }: Command,
  source: Source,
  tally: Tally,
  screen: Screen,
  out: (text: string) => void,
): void {
  const ofSource = source.summary?.()
  screen.line(`\n${basename(file)} → creator ${creator.id} at ${url}`)
  for (const line of tallyWords(tally, isDryRun)) screen.line(line)
  for (const line of ofSource?.words ?? []) screen.line(line)
  const document = {
    format,
    file,
    creator_id: creator.id,
    dry_run: isDryRun,
    ...tally.counts,
    ...ofSource?.json,
  }
  out(`${JSON.stringify(document, null, 2)}\n`)
}

if (import.meta.main) {
  const interrupted = new AbortController()
  process.once('SIGINT', () => {
    // The second Ctrl-C ends the process at once.
    process.stderr.write('\nEnding after this request …\n')
    interrupted.abort()
  })
  process.exitCode = await runImport(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    signal: interrupted.signal,
  })
}
