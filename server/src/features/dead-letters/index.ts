import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/dead-letters'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import {
  deleteLetters,
  type LetterRow,
  selectLetter,
  selectLetters,
  selectSums,
  selectToReplay,
} from '../../dead-letters/queries.ts'
import type { Feature } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { SourceKind } from '../../sources/runtime/source.ts'
import { replayLetter } from './replay.ts'

export interface DeadLettersFeatureDeps {
  readonly database: Database
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly config: Pick<Config, 'maxDeadLetters' | 'maxDeadLetterBytes'>
  readonly kinds: readonly SourceKind[]
}

/** What was set aside: to be looked at, replayed after a fix, or dropped. */
export function createDeadLettersFeature(deps: DeadLettersFeatureDeps): Feature {
  const { database, pipeline, config } = deps
  const kinds = new Map(deps.kinds.map((kind) => [kind.kind, kind]))

  return {
    name: 'dead-letters',
    mount({ router, answer }) {
      answer(router, wire.listDeadLetters, async ({ tenant, query }) => {
        const { cursor, limit, ...filter } = query
        const page = { before: cursor, limit: limit + 1 }
        const [found, sums] = await database.readAs(tenant, async (read) => [
          await selectLetters(read, tenant, filter, page),
          await selectSums(read, tenant),
        ])
        const letters = found.slice(0, limit)
        return {
          letters: letters.map(toLetter),
          next_cursor: found.length > limit ? (letters.at(-1)?.id ?? null) : null,
          ...sums,
          lost_at: sums.lost_at?.toISOString() ?? null,
          limits: { letters: config.maxDeadLetters, bytes: config.maxDeadLetterBytes },
        }
      })

      answer(router, wire.showDeadLetter, async ({ tenant, params }) => {
        const row = await database.readAs(tenant, (read) =>
          selectLetter(read, tenant, params.letter_id),
        )
        if (!row) throw new AppError('not_found', 'There is no such dead letter.')
        const { raw, event, ...letter } = row
        return { ...toLetter(letter), ...bodyOf(raw, event) }
      })

      answer(router, wire.replayDeadLetters, async ({ tenant, body }) => {
        const { after, limit, ...filter } = body
        const letters = await selectToReplay(database, tenant, filter, { after, limit })
        let replayed = 0
        for (const letter of letters) {
          if (await replayLetter({ database, pipeline, kinds }, tenant, letter)) replayed++
        }
        const last = letters.at(-1)
        return {
          replayed,
          failed: letters.length - replayed,
          next: letters.length === limit && last ? last.id : null,
        }
      })

      answer(router, wire.dropDeadLetters, async ({ tenant, actor, body }) =>
        database.transaction(async (tx) => {
          const dropped = await deleteLetters(tx, tenant, body)
          if (dropped > 0) {
            await recordChange(tx, actor, {
              action: 'dead_letters.dropped',
              creatorId: tenant.creatorId,
              details: { letters: dropped },
            })
          }
          return { dropped }
        }),
      )
    },
  }
}

function toLetter(row: LetterRow): wire.DeadLetter {
  return {
    ...row,
    received_at: row.received_at.toISOString(),
    replayed_at: row.replayed_at?.toISOString() ?? null,
  }
}

function bodyOf(
  raw: Uint8Array | null,
  event: unknown,
): { body: string; encoding: 'text' | 'base64' } {
  if (!raw) return { body: JSON.stringify(event), encoding: 'text' }
  try {
    const body = new TextDecoder('utf-8', { fatal: true }).decode(raw)
    return { body, encoding: 'text' }
  } catch {
    return { body: Buffer.from(raw).toString('base64'), encoding: 'base64' }
  }
}
