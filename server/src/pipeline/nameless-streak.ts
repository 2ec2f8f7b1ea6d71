/** One report of an unnamed gift streak: its running total at one time. */
export interface StreakReport {
  /** Epoch ms. */
  readonly ts: number
  readonly quantity: number
  readonly isEnd: boolean
}

/** Reports remembered per sender and gift: enough for reports out of order. */
const REMEMBERED = 64

/**
 * How many gifts a report adds to those of its sender and gift, and what to remember. Reports are taken in
 * order of time, whatever their order of arrival: a streak lasts until its end is reported, or until its
 * total falls because that report was lost. `remembered` is what an earlier report left.
 */
export function growNameless(
  remembered: string | null | undefined,
  report: StreakReport,
): { readonly grown: number; readonly remembered: string } {
  // Safe: only this function writes lists; other claims are never lists.
  const known = remembered?.startsWith('[')
    ? (JSON.parse(remembered) as Remembered[]).map(unpacked)
    : []
  const oldest = known[0]
  if (known.length >= REMEMBERED && oldest && report.ts < oldest.ts) {
    return { grown: 0, remembered: remembered ?? '' }
  }
  const all = [...known, report].sort(
    (a, b) => a.ts - b.ts || a.quantity - b.quantity || Number(a.isEnd) - Number(b.isEnd),
  )
  return {
    grown: totalOf(all) - totalOf(known),
    remembered: JSON.stringify(all.slice(-REMEMBERED).map(packed)),
  }
}

type Remembered = readonly [ts: number, quantity: number, isEnd: 0 | 1]

const packed = ({ ts, quantity, isEnd }: StreakReport): Remembered => [ts, quantity, isEnd ? 1 : 0]
const unpacked = ([ts, quantity, isEnd]: Remembered): StreakReport => ({
  ts,
  quantity,
  isEnd: isEnd === 1,
})

/** The sum of each streak's greatest total. */
function totalOf(reports: readonly StreakReport[]): number {
  let total = 0
  let running = 0
  let isOver = false
  for (const { quantity, isEnd } of reports) {
    if (isOver || quantity < running) {
      total += running
      running = 0
    }
    running = quantity
    isOver = isEnd
  }
  return total + running
}
