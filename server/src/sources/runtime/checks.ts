import type * as wire from '@creatorflow/shared/features/sources'
import { z } from 'zod'
import type { Config } from '../../core/config/config.ts'
import type { Secrets, SourceRow } from './source.ts'

/** One step of connecting a source, tested. */
export type Check = wire.SourceCheck

/** What a step is tested with. */
export interface Checking<C> {
  readonly source: SourceRow
  readonly secrets: Secrets
  readonly config: Pick<Config, 'publicUrl'> & C
  /** Where the service has to deliver to; null if it could not reach this server there. */
  readonly webhookUrl: string | null
  /** Messages that have arrived so far. */
  readonly received: number
  readonly signal: AbortSignal
}

/** The part of a source's cursor where the last results are kept. */
export const CHECKED = 'checked'

const kept = z.object({
  at: z.iso.datetime(),
  steps: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['ok', 'failed', 'skipped', 'waiting']),
      text: z.string(),
      todo: z.string().nullable(),
    }),
  ),
})

/** The last results, and whether its first event has come since; null while nothing was checked. */
export function checksOf(
  cursor: unknown,
  { last_event_at }: { readonly last_event_at: Date | null },
): wire.Source['checks'] {
  const read = kept.safeParse(cursor).data
  if (!read) return null
  const first: Check = last_event_at
    ? { id: 'first', name: 'First order', state: 'ok', text: 'It has arrived.', todo: null }
    : {
        id: 'first',
        name: 'First order',
        state: 'waiting',
        text: 'None has arrived yet.',
        todo: 'It shows here when the shop gets its next order. To try it now, place a test order and cancel it.',
      }
  return { at: read.at, steps: [...read.steps, first] }
}
