/** The moment that somebody asked to be shown: the chart reads it, toasts and lists set it. */
class Focus {
  /** Epoch ms; null when nothing is singled out. */
  at = $state<number | null>(null)
  /** Counts the askings, so that the same moment can be asked for again. */
  asked = $state(0)
}

export const focus = new Focus()

/** Leads to a point of the time axis. */
export function focusAt(ts: number | null): void {
  focus.at = ts
  focus.asked++
}
