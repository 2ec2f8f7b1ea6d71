import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/dead-letters'
import { INSIDE, THIS_SERVER } from '@creatorflow/shared/sources'
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
import { nameOfKind, type SourceKinds } from '../../sources/runtime/registry.ts'
import type { SourceKind } from '../../sources/runtime/source.ts'
import { replayLetter } from './replay.ts'

export interface DeadLettersFeatureDeps {
  readonly database: Database
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly config: Pick<Config, 'maxDeadLetters' | 'maxDeadLetterBytes'>
  readonly sourceKinds: SourceKinds
  /** What retries their letters. */
  readonly kinds: readonly SourceKind[]
}

/** Messages set aside: to inspect, replay after a fix, or drop. */
export function createDeadLettersFeature(deps: DeadLettersFeatureDeps): Feature {
  const { database, pipeline, config, sourceKinds } = deps
  const kinds = new Map(deps.kinds.map((kind) => [kind.kind, kind]))
  const names = [INSIDE, ...sourceKinds.keys()]

  /** An unknown name would find nothing, and look as if nothing was set aside. */
  async function checkSource(tenant: Tenant, source: string | undefined): Promise<void> {
    if (source === undefined || names.includes(source)) return
    // A kind only another release knows may still have letters.
    const [one] = await database.readAs(tenant, (read) =>
      selectLetters(read, tenant, { source, state: 'all' }, { before: undefined, limit: 1 }),
    )
    if (one) return
    const message = `must be one of ${names.join(', ')}`
    throw new AppError('invalid_input', `Unknown source “${source}”: it ${message}.`, {
      details: { fields: [{ path: 'source', message }] },
    })
  }

  return {
    name: 'dead-letters',
    mount({ router, answer }) {
      answer(router, wire.listDeadLetters, async ({ tenant, query }) => {
        const { cursor, limit, ...filter } = query
        await checkSource(tenant, filter.source)
        const page = { before: cursor, limit: limit + 1 }
        const [found, sums] = await database.readAs(tenant, async (read) => [
          await selectLetters(read, tenant, filter, page),
          await selectSums(read, tenant),
        ])
        const letters = found.slice(0, limit)
        return {
          letters: letters.map((letter) => toLetter(letter, sourceKinds)),
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
        if (!row) throw new AppError('not_found', 'Dead letter not found.')
        const { raw, event, ...letter } = row
        return { ...toLetter(letter, sourceKinds), ...bodyOf(raw, event) }
      })

      answer(router, wire.replayDeadLetters, async ({ tenant, body }) => {
        const { after, limit, ...filter } = body
        await checkSource(tenant, filter.source)
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

      answer(router, wire.dropDeadLetters, async ({ tenant, actor, body }) => {
        await checkSource(tenant, body.source)
        return database.transaction(async (tx) => {
          const dropped = await deleteLetters(tx, tenant, body)
          if (dropped > 0) {
            await recordChange(tx, actor, {
              action: 'dead_letters.dropped',
              creatorId: tenant.creatorId,
              details: { letters: dropped },
            })
          }
          return { dropped }
        })
      })
    },
  }
}

function toLetter(row: LetterRow, kinds: SourceKinds): wire.DeadLetter {
  return {
    ...row,
    kind_name: row.source === INSIDE ? THIS_SERVER : nameOfKind(kinds, row.source),
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
