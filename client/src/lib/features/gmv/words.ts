import { type Convention, formatClock, formatMoney, formatSpan } from '#lib/format.ts'
import { cleanText, shownWords } from '#lib/people/names.ts'
import { m } from '#messages'
import { type Cluster, type Marker, markerLooks } from './markers.ts'

const LABEL = 60

/** What a marker is called on the chart. */
export function titleOf(marker: Marker, convention: Convention): string {
  const { kind, label = '', amount } = marker
  const named = (words: string) => (label === '' ? words : `${words}: ${cleanText(label, LABEL)}`)
  switch (kind) {
    case 'pin':
      return cleanText(label, LABEL)
    case 'note':
      return shownWords(label, convention, LABEL)
    case 'price':
      return `${cleanText(label, LABEL)} ${formatMoney(amount ?? 0, convention)}`
    case 'gap':
      return m.gmv_not_seen_for_length_of({ lengthOf: lengthOf(marker) })
    case 'sold_out':
      return named(m.gmv_sold_out())
    case 'alert':
      return cleanText(label, LABEL)
    case 'moment':
      return m.gmv_selected_moment()
  }
}

/** A gap of 80 s is not one of a minute. */
function lengthOf({ ts, until = ts }: Marker): string {
  const seconds = Math.round((until - ts) / 1000)
  return seconds < 120 ? m.gmv_seconds_s({ seconds }) : formatSpan(seconds)
}

/** What a screen reader hears of a marker. */
export function nameOf(marker: Marker, convention: Convention): string {
  const { name } = markerLooks[marker.kind]
  const title = titleOf(marker, convention)
  const words = title.startsWith(name) ? title : `${name} ${title}`
  return `${words}, ${formatClock(marker.ts, convention)}`
}

/** What stands on the button of a cluster. */
export function labelOf({ markers }: Cluster, convention: Convention): string {
  const [first] = markers
  if (!first) return ''
  if (markers.length === 1) return titleOf(first, convention)
  const kinds = new Set(markers.map(({ kind }) => kind))
  if (kinds.size > 1) return m.gmv_markers_marks({ markers: markers.length })
  return markerLooks[first.kind].counted(markers.length)
}

/** What a screen reader hears of a cluster. */
export function clusterName(cluster: Cluster, convention: Convention): string {
  const { markers } = cluster
  const [first] = markers
  if (!first) return ''
  if (markers.length === 1) return nameOf(first, convention)
  return m.gmv_label_from_time_markers({
    label: labelOf(cluster, convention),
    time: formatClock(first.ts, convention),
    markers: markers
      .slice(0, 3)
      .map((marker) => nameOf(marker, convention))
      .join('; '),
  })
}
