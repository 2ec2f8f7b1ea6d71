export interface QuietHours {
  /** Local times such as `22:30`. Past midnight if `to` is before `from`. */
  readonly from: string
  readonly to: string
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440

const formats = /* @__PURE__ */ new Map<string, Intl.DateTimeFormat>()

/** When the quiet hours end that a moment lies in, epoch ms; null if it lies in none. */
export function quietUntil(at: number, { from, to }: QuietHours, timeZone: string): number | null {
  const now = localMinute(at, timeZone)
  const [start, end] = [minuteOf(from), minuteOf(to)]
  const isQuiet = start < end ? now >= start && now < end : now >= start || now < end
  if (!isQuiet) return null
  const minutes = (end - now + DAY_MINUTES) % DAY_MINUTES
  const until = Math.floor(at / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS
  // The clocks may change in between: the local time that was asked for counts.
  const off = (localMinute(until, timeZone) - end + DAY_MINUTES) % DAY_MINUTES
  return until - (off > DAY_MINUTES / 2 ? off - DAY_MINUTES : off) * MINUTE_MS
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}

function localMinute(at: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    const parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts })
    formats.set(timeZone, format)
  }
  return minuteOf(format.format(at))
}
