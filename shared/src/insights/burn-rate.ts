import { MINUTE_MS } from '../live-state.ts'

/** A product at one moment, as this page saw it. */
export interface Sample {
  readonly at: number
  readonly sold: number
  readonly clicks: number
  /** What is left; null if not reported. */
  readonly stock: number | null
}

/** What the page saw of each product since it was opened, oldest first. */
export type Seen = Readonly<Record<string, readonly Sample[]>>

export interface Burn {
  readonly units: number
  /** Over how many minutes they were sold. */
  readonly minutes: number
  /** Until sold out; null if stock is unknown. */
  readonly goneInMinutes: number | null
}

const WINDOW_MS = 10 * MINUTE_MS
/** Updates come ten times a second; a rate does not need them that often. */
const STEP_MS = 15_000
/** Fewer sales in less time are chance. */
const MIN_UNITS = 3
const MIN_MS = 2 * MINUTE_MS
/** The page was asleep or offline: what it saw before is not recent. */
const FRESH_MS = MINUTE_MS

/** Samples every product; returns the same object if nothing changed. */
export function observe(seen: Seen, look: Readonly<Record<string, Sample>>): Seen {
  let next: Record<string, readonly Sample[]> | undefined
  for (const [id, sample] of Object.entries(look)) {
    const before = Object.hasOwn(seen, id) ? (seen[id] ?? []) : []
    const after = noted(before, sample)
    if (after === before) continue
    next ??= { ...seen }
    next[id] = after
  }
  return next ?? seen
}

function noted(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  // More stock is a refill, fewer sales or clicks a correction: earlier samples no longer count.
  if (!last || isReset(last, sample)) return [sample]
  if (sample.at - last.at < STEP_MS) return samples
  const oldest = sample.at - WINDOW_MS
  // The first one is kept as long as it starts the window.
  const from = samples.findLastIndex(({ at }) => at <= oldest)
  return [...samples.slice(Math.max(from, 0)), sample]
}

function isReset(before: Sample, { at, sold, clicks, stock }: Sample): boolean {
  if (at < before.at || sold < before.sold || clicks < before.clicks) return true
  return stock !== null && before.stock !== null && stock > before.stock
}

/** How fast a product sells; null while too little was seen. */
export function burnOf(samples: readonly Sample[] | undefined, now: number): Burn | null {
  const first = samples?.[0]
  const last = samples?.at(-1)
  if (!first || !last || now - last.at > FRESH_MS) return null
  const units = last.sold - first.sold
  const ms = last.at - first.at
  if (units < MIN_UNITS || ms < MIN_MS) return null
  const minutes = ms / MINUTE_MS
  return {
    units,
    minutes,
    goneInMinutes: last.stock === null ? null : Math.max(0, last.stock) / (units / minutes),
  }
}

/** Whether clicks come clearly faster in the later half; null while too little was seen. */
export function clicksRise(samples: readonly Sample[] | undefined, now: number): boolean | null {
  const first = samples?.[0]
  const last = samples?.at(-1)
  if (!first || !last || now - last.at > FRESH_MS || last.at - first.at < MIN_MS) return null
  const middle = samples?.find(({ at }) => at >= (first.at + last.at) / 2)
  if (!middle || middle === first || middle === last) return null
  const before = (middle.clicks - first.clicks) / (middle.at - first.at)
  const after = (last.clicks - middle.clicks) / (last.at - middle.at)
  return last.clicks - middle.clicks >= MIN_UNITS && after > before * 1.25
}
