import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { texts } from '#catalogue'

/** A text of a shared catalogue in the language of the page; one that is not known there stays as it is. */
export function localText(text: string): string {
  const numbers: string[] = []
  const pattern = text.replaceAll(/\d+/g, (number) => {
    numbers.push(number)
    return '#'
  })
  return texts[pattern]?.replaceAll('#', () => numbers.shift() ?? '') ?? text
}

/** What a metric is called. */
export const metricName = (id: MetricId): string => localText(metricOf(id).name)

/** The same within a sentence. */
export const metricNameInText = (id: MetricId): string => localText(metricOf(id).name.toLowerCase())

/** What a metric counts. */
export const metricDefinition = (id: MetricId): string => localText(metricOf(id).definition)
