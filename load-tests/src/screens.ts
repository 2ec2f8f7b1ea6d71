import { type Child, startChild } from './processes/child.ts'
import type { RecordedMessage, ScreensHandlers } from './processes/screens-process.ts'
import type { Address } from './server-process.ts'

/** Many screens of one creator, spread over processes. */
export interface Screens extends AsyncDisposable {
  readonly pids: Readonly<Record<string, number>>
  open(at: Address, creatorId: string): Promise<Opened>
  record(): Promise<void>
  report(): Promise<Report>
  close(): Promise<void>
}

export interface Opened {
  /** Ms from the first connection attempt until each screen had its answer. */
  readonly afterMs: readonly number[]
  /** Number of different snapshots sent. */
  readonly differing: number
  /** The answer to one `watch`, as text. */
  readonly reply: string
}

/** Sums over all screens since `record`. */
export interface Report {
  readonly screens: number
  readonly updates: number
  readonly heads: number
  readonly others: number
  readonly holes: number
  readonly closed: number
  readonly messageBytes: number
  readonly bytes: number
  readonly leastTo: number
  readonly arrivals: readonly Float64Array[]
  /** What the first screen got. */
  readonly recorded: readonly RecordedMessage[]
}

export function startScreens(count: number, processes: number): Screens {
  const children: Child<ScreensHandlers>[] = Array.from({ length: processes }, () =>
    startChild<ScreensHandlers>('screens-process.ts'),
  )
  const share = (index: number) =>
    Math.floor(((index + 1) * count) / processes) - Math.floor((index * count) / processes)
  return {
    pids: Object.fromEntries(children.map(({ pid }, index) => [`screens ${index + 1}`, pid])),
    async open({ url, key }, creatorId) {
      const opened = await Promise.all(
        children.map((child, index) =>
          child.ask('open', { url, key, creatorId, count: share(index) }),
        ),
      )
      const startedAt = Math.min(...opened.map((one) => one.startedAt))
      return {
        afterMs: opened.flatMap(({ repliedAt }) => repliedAt.map((at) => at - startedAt)),
        differing: new Set(opened.flatMap(({ digests }) => digests)).size,
        reply: opened[0]?.reply ?? '',
      }
    },
    async record() {
      await Promise.all(children.map((child) => child.ask('record', undefined as never)))
    },
    async report() {
      const parts = await Promise.all(
        children.map((child) => child.ask('report', undefined as never)),
      )
      const sum = (pick: (part: (typeof parts)[number]) => number) =>
        parts.reduce((total, part) => total + pick(part), 0)
      return {
        screens: sum((part) => part.screens),
        updates: sum((part) => part.updates),
        heads: sum((part) => part.heads),
        others: sum((part) => part.others),
        holes: sum((part) => part.holes),
        closed: sum((part) => part.closed),
        messageBytes: sum((part) => part.messageBytes),
        bytes: sum((part) => part.bytes),
        leastTo: Math.min(...parts.map((part) => part.leastTo)),
        arrivals: parts.flatMap((part) => part.arrivals),
        recorded: parts[0]?.recorded ?? [],
      }
    },
    async close() {
      await Promise.all(children.map((child) => child.ask('close', undefined as never)))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
    },
  }
}
