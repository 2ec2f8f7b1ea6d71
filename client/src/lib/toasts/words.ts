import type { MetricId } from '@creatorflow/shared/metrics'
import { metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatClock, formatCount, formatMoney, formatValue } from '#lib/format.ts'
import { shownName } from '#lib/people/names.ts'

/** A piece of a sentence; parts that streamer mode hides are not text yet. */
export type Word =
  | string
  | { readonly money: number }
  | { readonly count: number }
  | { readonly metric: MetricId; readonly value: number }
  | { readonly clock: number }
  | { readonly person: { readonly user_id: string; readonly name?: string | null } }

/** Renders a sentence for this reader. */
export function say(words: readonly Word[], convention: Convention): string {
  return words.map((word) => sayWord(word, convention)).join('')
}

function sayWord(word: Word, convention: Convention): string {
  if (typeof word === 'string') return word
  if ('money' in word) return formatMoney(word.money, convention)
  if ('count' in word) return formatCount(word.count, convention)
  if ('clock' in word) return formatClock(word.clock, convention)
  if ('person' in word) return shownName(word.person, convention)
  return formatValue(word.value, metricOf(word.metric).unit, convention)
}
