export interface ProgressState {
  readonly bytes: number
  readonly totalBytes: number
  readonly events: number
  readonly elapsedMs: number
}

/** Progress of an import in one line: share of the file, events per second, and time left. */
export function progressLine({ bytes, totalBytes, events, elapsedMs }: ProgressState): string {
  const share = totalBytes > 0 ? Math.min(bytes / totalBytes, 1) : 1
  const seconds = Math.max(elapsedMs, 1) / 1_000
  const rate = Math.round(events / seconds)
  const left = share > 0 ? (seconds * (1 - share)) / share : undefined
  const eta = left === undefined ? '' : `, ${durationWords(left)} left`
  return `${Math.floor(share * 100)} %, ${events} events, ${rate}/s${eta}`
}

function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3_600) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

/** Lines per second at most, for a terminal that keeps each. */
const LINE_EVERY_MS = 1_000
const REWRITE_EVERY_MS = 100

export interface Screen {
  /** A line that stays. */
  line(text: string): void
  /** The current state: rewritten in place if possible, else an occasional line. */
  progress(state: () => ProgressState): void
}

/** Writes to a terminal, or to a file that someone reads later. */
export function createScreen(write: (text: string) => void, isTerminal: boolean): Screen {
  let isOpen = false
  let writtenAt = Number.NEGATIVE_INFINITY
  return {
    line(text) {
      write(`${isOpen ? '\r\x1b[K' : ''}${text}\n`)
      isOpen = false
    },
    progress(state) {
      const now = performance.now()
      if (now - writtenAt < (isTerminal ? REWRITE_EVERY_MS : LINE_EVERY_MS)) return
      writtenAt = now
      write(isTerminal ? `\r\x1b[K${progressLine(state())}` : `${progressLine(state())}\n`)
      isOpen = isTerminal
    },
  }
}
