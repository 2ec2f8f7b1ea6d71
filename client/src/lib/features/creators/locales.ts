import { including } from '#lib/start/defaults.ts'
import { m } from '#messages'

/** How numbers, money and dates are written where TikTok LIVE is sold on, besides what the creator has already. */
const usual = [
  'en-US',
  'en-GB',
  'en-AU',
  'en-SG',
  'de-DE',
  'es-ES',
  'es-MX',
  'fr-FR',
  'id-ID',
  'it-IT',
  'ja-JP',
  'ko-KR',
  'ms-MY',
  'nl-NL',
  'pl-PL',
  'pt-BR',
  'th-TH',
  'tr-TR',
  'vi-VN',
  'zh-CN',
  'zh-TW',
  'ar-AE',
]
const example = { amount: 1234.5, at: Date.UTC(2026, 11, 31, 12) }

export interface LocaleChoice {
  readonly tag: string
  readonly words: string
}

/** The choices with an example each: what is chosen is how it looks, not a tag. Streamer mode shows no amount at all. */
export function localeChoices(
  current: string,
  currency: string,
  hidden: boolean,
): readonly LocaleChoice[] {
  const names = new Intl.DisplayNames(['en'], { type: 'language' })
  return including(usual, current).map((tag) => {
    const amount = new Intl.NumberFormat(tag, { style: 'currency', currency }).format(
      example.amount,
    )
    const day = new Intl.DateTimeFormat(tag, { dateStyle: 'short', timeZone: 'UTC' }).format(
      example.at,
    )
    const name = names.of(tag) ?? tag
    return { tag, words: hidden ? name : `${name} · ${amount} · ${day}` }
  })
}

/** What a change of these makes the server count again, in a sentence; empty for one that changes only the looks. */
export function recountWords(
  before: { readonly time_zone: string; readonly currency: string },
  after: { readonly time_zone: string; readonly currency: string },
): string {
  const zone = before.time_zone !== after.time_zone
  const currency = before.currency !== after.currency
  if (zone && currency) {
    return m.creators_all_past_lives_are_recounted_days()
  }
  if (zone) return m.creators_all_past_days_are_recounted_they()
  if (currency) {
    return m.creators_all_past_sales_are_recounted_only()
  }
  return ''
}
