import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  createOffsetFinder,
  normalise,
  type RecordedEvent,
  type RecordedMessage,
} from './normalise.ts'

export interface Recording {
  /** How far the recorder's local times are ahead of UTC; undefined when the file does not tell. */
  readonly offsetMs: number | undefined
  /** Messages that became no event, by reason; complete once `events` has been read. */
  readonly skipped: ReadonlyMap<string, number>
  /** In the order of the file. */
  events(): AsyncGenerator<RecordedEvent>
}

/**
 * Opens a recording, one JSON object a line. The file is read twice, first for the recorder's offset, and
 * never held whole. Rejects when the file cannot be read.
 */
export async function openRecording(path: string): Promise<Recording> {
  const offset = createOffsetFinder()
  for await (const line of linesOf(path)) {
    const message = messageOf(line)
    if (message) offset.add(message)
  }
  const offsetMs = offset.offsetMs()
  const skipped = new Map<string, number>()
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
  return {
    offsetMs,
    skipped,
    async *events() {
      skipped.clear()
      for await (const line of linesOf(path)) {
        const message = messageOf(line)
        if (!message) {
          skip('a line that is no JSON object')
          continue
        }
        const result = normalise(message, offsetMs ?? 0)
        if (result.kind === 'event') yield result.event
        else skip(result.reason)
      }
    },
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) if (line.trim() !== '') yield line
}

function messageOf(line: string): RecordedMessage | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as RecordedMessage) : undefined
  } catch {
    // Recordings break off in mid-line; the caller counts the line.
    return undefined
  }
}
