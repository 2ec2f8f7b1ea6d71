import type { Failure, Result } from '@creatorflow/shared/errors'
import type {
  changeAlertRule,
  endSilence,
  silenceAlerts,
} from '@creatorflow/shared/features/alerts'
import { ask, change } from '#lib/ask.ts'
import { type Convention, formatClock, formatDay } from '#lib/format.ts'
import { m } from '#messages'
import type { Done } from './undo.ts'

/** A rule that is to tell nobody; null for all of them. */
export type Hushed = { readonly id: string; readonly name: string } | null

/** Silences a rule, or all, for some minutes; how it is taken back. */
export async function silenced(
  creator_id: string,
  rule: Hushed,
  minutes: number,
  convention: Convention,
): Promise<Result<Done>> {
  const made = await ask<typeof silenceAlerts>(
    'POST /api/v1/creators/:creator_id/alerts/silences',
    { params: { creator_id }, body: { rule_id: rule?.id ?? null, minutes } },
  )
  if (!made.ok) return made
  const { id, until } = made.value.silence
  const time = untilWords(Date.parse(until), convention)
  return {
    ok: true,
    value: {
      said: rule
        ? m.alerts_silenced_name({ name: rule.name, time })
        : m.alerts_silenced_name_all({ time }),
      undo: () =>
        change<typeof endSilence>(
          'DELETE /api/v1/creators/:creator_id/alerts/silences/:silence_id',
          { params: { creator_id, silence_id: id } },
        ),
    },
  }
}

/** Mutes a rule until somebody unmutes it; how it is taken back. */
export async function muted(
  creator_id: string,
  { id, name }: NonNullable<Hushed>,
): Promise<Result<Done>> {
  const set = (to: boolean): Promise<Failure | null> =>
    change<typeof changeAlertRule>('PATCH /api/v1/creators/:creator_id/alerts/rules/:rule_id', {
      params: { creator_id, rule_id: id },
      body: { muted: to },
    })
  const error = await set(true)
  if (error) return { ok: false, error }
  return { ok: true, value: { said: m.alerts_muted_name({ name }), undo: () => set(false) } }
}

const DAY_MS = 86_400_000

/** A time, with its day when that is not soon. */
export function untilWords(until: number, convention: Convention, now = Date.now()): string {
  const clock = formatClock(until, convention)
  return until - now < DAY_MS ? clock : `${formatDay(until, convention)} ${clock}`
}
