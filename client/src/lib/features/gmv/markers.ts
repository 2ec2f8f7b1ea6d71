import {
  type LiveDetail,
  type Mark,
  MINUTE_MS,
  type PinMark,
  type ProductNames,
  productName,
} from '@creatorflow/shared/live-state'
import type { IconName } from '#lib/ui/icons.ts'
import { m } from '#messages'

/** What may stand on the time axis; `moment` is one that somebody asked to be shown. */
export const markerKinds = ['pin', 'price', 'sold_out', 'gap', 'note', 'alert', 'moment'] as const
/** Which of several marks at one place is shown: what warns, then what people said. */
const leading: readonly MarkerKind[] = [
  'alert',
  'gap',
  'moment',
  'note',
  'sold_out',
  'price',
  'pin',
]
export type MarkerKind = (typeof markerKinds)[number]

/** How each kind is drawn and called; the shape tells them apart without colour. */
export const markerLooks: Readonly<
  Record<MarkerKind, { icon: IconName; name: string; counted: (n: number) => string }>
> = {
  pin: { icon: 'pin', name: m.gmv_pin(), counted: (n) => m.gmv_n_pins({ n }) },
  price: { icon: 'tag', name: m.gmv_new_price(), counted: (n) => m.gmv_n_prices({ n }) },
  sold_out: { icon: 'x', name: m.gmv_sold_out(), counted: (n) => m.gmv_n_sold_out({ n }) },
  gap: {
    icon: 'triangle-alert',
    name: m.gmv_connection_gap(),
    counted: (n) => m.gmv_n_gaps({ n }),
  },
  note: { icon: 'pencil', name: m.gmv_note_2(), counted: (n) => m.gmv_n_notes({ n }) },
  alert: { icon: 'bell', name: m.gmv_alert(), counted: (n) => m.gmv_n_alerts({ n }) },
  moment: { icon: 'target', name: m.gmv_selected_moment(), counted: (n) => m.gmv_n_moments({ n }) },
}

export interface Marker {
  readonly id: string
  readonly kind: MarkerKind
  /** Epoch ms. */
  readonly ts: number
  /** Epoch ms at which a gap ended. */
  readonly until?: number
  /** A product, the words of a note, or what could not be seen. */
  readonly label?: string
  /** What its picture is of. */
  readonly product?: string
  /** A new price, minor units. */
  readonly amount?: number
}

/** More of them would be neither drawn nor found; the newest stay. */
export const MARKERS = 120

type Marked = ProductNames & Pick<LiveDetail, 'pin_marks' | 'marks'>

/** What happened to a LIVE that may explain its curve, in order of time. */
export function markersOf(live: Marked, more: readonly Marker[] = []): Marker[] {
  const pins = live.pin_marks.flatMap((mark) => pinMarker(live, mark))
  const marks = live.marks.map((mark) => otherMarker(live, mark))
  return [...pins, ...marks, ...more]
    .sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1))
    .slice(-MARKERS)
}

function pinMarker(live: Marked, { ts, id, product_id }: PinMark): Marker[] {
  if (product_id === null) return []
  const label = productName(live, product_id) ?? product_id
  return [{ id, kind: 'pin', ts, label, product: product_id }]
}

function otherMarker(
  live: Marked,
  { ts, id, kind, until, product_id, label, amount }: Mark,
): Marker {
  const named =
    product_id === undefined ? label : (productName(live, product_id) ?? label ?? product_id)
  return {
    id,
    kind,
    ts,
    ...(until !== undefined && { until }),
    ...(named !== undefined && { label: named }),
    ...(product_id !== undefined && { product: product_id }),
    ...(amount !== undefined && { amount }),
  }
}

/** A stretch of the axis in pixels, and the times at its ends. */
export interface AxisArea {
  readonly left: number
  readonly right: number
  /** Epoch ms. */
  readonly from: number
  readonly to: number
}

/** Where a moment is, pixels from the left edge of the chart. */
export function pixelAt({ left, right, from, to }: AxisArea, ts: number): number {
  return left + ((ts - from) / (to - from)) * (right - left)
}

/** The epoch minute in which a place on the axis lies, pixels from the left edge of the chart; null beside it. */
export function minuteAt({ left, right, from, to }: AxisArea, x: number): number | null {
  if (right <= left || x < left - 4 || x > right + 4) return null
  const ts = from + ((x - left) / (right - left)) * (to - from)
  return Math.floor(Math.min(Math.max(ts, from), to - 1) / MINUTE_MS)
}

/** Markers so close together that they are one button. */
export interface Cluster {
  /** Of its first marker: it stays while later ones join. */
  readonly id: string
  readonly markers: readonly Marker[]
  /** Pixels from the left edge of the chart. */
  readonly x: number
  /** Pixels until the next one or the edge: what a label may take. */
  readonly room: number
}

/** The kind that a cluster is drawn as. */
export function leadOf({ markers }: Pick<Cluster, 'markers'>): MarkerKind {
  return leading.find((kind) => markers.some((one) => one.kind === kind)) ?? 'pin'
}

/** A button that a finger can hit, with what keeps it from the next one. */
export const CLUSTER_PIXELS = 44

/** Gathers what would overlap; what lies outside the axis is left out. */
export function clustersOf(markers: readonly Marker[], area: AxisArea): Cluster[] {
  const { left, right, from, to } = area
  if (to <= from || right - left < CLUSTER_PIXELS) return []
  const groups: { x: number; markers: Marker[] }[] = []
  for (const marker of markers) {
    if (marker.ts < from || marker.ts > to) continue
    // One at the very end must not leave the chart.
    const x = Math.min(pixelAt(area, marker.ts), right - CLUSTER_PIXELS)
    const last = groups.at(-1)
    if (last && x - last.x < CLUSTER_PIXELS) last.markers.push(marker)
    else groups.push({ x, markers: [marker] })
  }
  return groups.map(({ x, markers: together }, index) => ({
    id: together[0]?.id ?? '',
    markers: together,
    x,
    room: (groups[index + 1]?.x ?? right) - x,
  }))
}
