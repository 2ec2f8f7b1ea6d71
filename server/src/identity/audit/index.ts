import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/audit'
import { allowedCreators } from '../../core/rights/authorize.ts'
import type { Principal } from '../../core/rights/principal.ts'
import type { Feature } from '../../http/feature.ts'
import { sendText } from '../../http/send-text.ts'
import { exportFormats } from './export.ts'
import { type AuditQuestion, auditEntries } from './queries.ts'

/** Entries read at once for a file. */
const portion = 1_000

/** Who changed what, for those who manage it. */
export function createAuditFeature({ database }: { readonly database: Database }): Feature {
  return {
    name: 'audit',
    mount({ router, answer }) {
      answer(router, wire.listAudit, async ({ principal, query }) => {
        const { cursor, limit } = query
        const before = cursor === undefined ? undefined : Number(cursor)
        const found = await auditEntries(database, questionOf(principal, query), before, limit + 1)
        const entries = found.slice(0, limit)
        const last = entries.at(-1)
        return {
          entries,
          next_cursor: found.length > limit && last ? String(last.id) : null,
        }
      })

      answer(router, wire.exportAudit, async ({ principal, query, response }) => {
        const format = exportFormats[query.format]
        const file = { name: `audit.${query.format}`, type: format.type }
        await sendText(response, file, pieces(questionOf(principal, query), format))
        return undefined
      })
    },
  }

  async function* pieces(
    question: AuditQuestion,
    { head, lines }: (typeof exportFormats)[keyof typeof exportFormats],
  ): AsyncGenerator<string> {
    yield head
    let entries = await auditEntries(database, question, undefined, portion)
    while (entries.length > 0) {
      yield lines(entries)
      entries = await auditEntries(database, question, entries.at(-1)?.id, portion)
    }
  }
}

function questionOf(
  principal: Principal,
  query: {
    readonly creator_id?: string | undefined
    readonly action?: wire.AuditAction | undefined
    readonly from?: string | undefined
    readonly to?: string | undefined
  },
): AuditQuestion {
  return {
    creators: allowedCreators(principal, 'manage'),
    creatorId: query.creator_id,
    action: query.action,
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
  }
}
