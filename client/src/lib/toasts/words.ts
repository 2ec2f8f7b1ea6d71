import type { Reason } from '@creatorflow/shared/alert-reason'
import type { MetricId } from '@creatorflow/shared/metrics'
import { metricOf } from '@creatorflow/shared/metrics'
import { reasonWords } from '#lib/features/alerts/reason-words.ts'
import { type Convention, formatClock, formatCount, formatMoney, formatValue } from '#lib/format.ts'
import { shownName } from '#lib/people/names.ts'

/** What streamer mode may hide, and what each reader sees in another way: not text yet. */
type Value =
  | { readonly money: number }
  | { readonly count: number }
  | { readonly metric: MetricId; readonly value: number }
  | { readonly clock: number }
  | { readonly reason: Reason }
  | { readonly person: { readonly user_id: string; readonly name?: string | null } }

/** A piece of a sentence, or a whole one with its values. */
export type Word = string | Value | ((shown: (value: Value) => string) => string)

/** Renders a sentence for this reader. */
export function say(words: readonly Word[], convention: Convention): string {
  return words.map((word) => sayWord(word, convention)).join('')
}

function sayWord(word: Word, convention: Convention): string {
  if (typeof word === 'string') return word
  if (typeof word === 'function') return word((value) => sayWord(value, convention))
  if ('money' in word) return formatMoney(word.money, convention)
  if ('count' in word) return formatCount(word.count, convention)
  if ('reason' in word) return reasonWords(word.reason, convention)
  if ('clock' in word) return formatClock(word.clock, convention)
  if ('person' in word) return shownName(word.person, convention)
  return formatValue(word.value, metricOf(word.metric).unit, convention)
}
