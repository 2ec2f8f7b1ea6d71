import type { Reason } from '../alert-reason.ts'
import { basesOf, type MetricId } from '../metrics.ts'
import { localDay } from '../present.ts'
import { changedProducts } from './changed.ts'
import type { ConditionOf } from './condition.ts'
import { higher, type Kind, lower, type Measured, type Reads, unknownSignal } from './kind.ts'
import {
  ofLive,
  ofProduct,
  ofTotals,
  overMinutes,
  readsOfLive,
  readsOverMinutes,
  type Value,
} from './measure.ts'
import type { SignalPhase } from './step.ts'
import type { View } from './view.ts'

type Line = ConditionOf<'above' | 'below' | 'outside'>

function measure(
  { metric, subject, over_minutes }: Line,
  view: View,
): readonly Measured[] | undefined {
  const of = (session_id: string, part: string, value: Value): Measured => ({
    session_id,
    subject: part,
    value: value.value,
    sample: value.sample,
    ...(value.value === null && { missing: value.reason }),
  })
  switch (subject.of) {
    case 'live':
      return view.lives.map((live) =>
        of(
          live.session_id,
          '',
          over_minutes === null
            ? ofLive(live, metric)
            : overMinutes(live, metric, over_minutes, view.now),
        ),
      )
    case 'day': {
      const day = localDay(view.now, view.timeZone)
      return [of('', day, ofTotals(metric, view.state.days[day]?.totals ?? {}))]
    }
    case 'product':
      return view.lives.flatMap((live) => {
        const ids =
          subject.product_id === null ? Object.keys(live.live.product_rows) : [subject.product_id]
        return changedProducts(ids, view, live, readsOfProduct(metric)).map((id) =>
          of(live.session_id, id, ofProduct(live, metric, id)),
        )
      })
    case 'traffic_source':
      return onAll(view, (live) => {
        const traffic = view.trafficOf(live)
        if (!traffic) return undefined
        const wanted = subject.traffic_source
        const names = wanted === null ? [...traffic.keys()] : [wanted]
        return names.map((name) =>
          of(live.session_id, name, ofTotals(metric, traffic.get(name) ?? {})),
        )
      })
  }
}

/** What was measured of every LIVE; undefined if one of them is not known. */
export function onAll(
  { lives }: View,
  of: (live: View['lives'][number]) => readonly Measured[] | undefined,
): readonly Measured[] | undefined {
  const all: Measured[] = []
  for (const live of lives) {
    const measured = of(live)
    if (!measured) return undefined
    all.push(...measured)
  }
  return all
}

/** How a value stands to the lines of a condition: past the firing one, short of it but not back yet, or back. */
function phaseOf(value: number, condition: Line): SignalPhase {
  switch (condition.kind) {
    case 'above': {
      const { fires_at, recovers_at = fires_at } = condition
      return value > fires_at ? 'breach' : value > recovers_at ? 'near' : 'clear'
    }
    case 'below': {
      const { fires_at, recovers_at = fires_at } = condition
      return value < fires_at ? 'breach' : value < recovers_at ? 'near' : 'clear'
    }
    case 'outside': {
      const { low, high, margin } = condition
      if (value < low || value > high) return 'breach'
      return value < low + margin || value > high - margin ? 'near' : 'clear'
    }
  }
}

function reasonOf(value: number, phase: SignalPhase, condition: Line, measured: Measured): Reason {
  const { metric, over_minutes } = condition
  const low = lineBelow(value, condition)
  const line = lineOf(condition, phase, low)
  const relation = value < line ? '<' : value > line ? '>' : low ? '≥' : '≤'
  return {
    kind: 'value',
    metric,
    value,
    relation,
    line,
    sample: measured.sample ?? null,
    over_minutes,
  }
}

/** Whether the line in question is the lower one. */
function lineBelow(value: number, condition: Line): boolean {
  if (condition.kind !== 'outside') return condition.kind === 'below'
  return value < (condition.low + condition.high) / 2
}

/** The line a value was compared with: the firing one while it is past it, else the one to recover at. */
function lineOf(condition: Line, phase: SignalPhase, low: boolean): number {
  if (condition.kind === 'outside') {
    const margin = phase === 'breach' ? 0 : condition.margin
    return low ? condition.low + margin : condition.high - margin
  }
  const { fires_at, recovers_at = fires_at } = condition
  return phase === 'breach' ? fires_at : recovers_at
}

const readsOfProduct = (metric: MetricId): Reads => ({
  products: basesOf(metric),
  parts: ['product_rows'],
})

function reads({ metric, subject, over_minutes }: Line): Reads | undefined {
  switch (subject.of) {
    case 'live':
      return over_minutes === null ? readsOfLive(metric) : readsOverMinutes(metric)
    case 'product':
      return readsOfProduct(metric)
    default:
      return undefined
  }
}

const measuredBy = ({ metric, subject, over_minutes }: Line) => ({ metric, subject, over_minutes })

function lineKind<C extends Line>(further: Kind<C>['further']): Kind<C> {
  return {
    measure,
    judge(condition, measured) {
      const { value } = measured
      if (value === null) return unknownSignal(measured)
      const phase = phaseOf(value, condition)
      return { phase, value, why: reasonOf(value, phase, condition, measured) }
    },
    further,
    measuredBy,
    reads,
  }
}

export const above = lineKind<ConditionOf<'above'>>(() => higher)
export const below = lineKind<ConditionOf<'below'>>(() => lower)
/** Further out of the band on either side. */
export const outside = lineKind<ConditionOf<'outside'>>(({ low, high }) => {
  const out = (value: number) => Math.max(low - value, value - high)
  return (a, b) => out(a) > out(b)
})
