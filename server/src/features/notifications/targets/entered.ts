import type { Queryable } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { type NewTarget, targetKinds } from '@creatorflow/shared/features/notifications'
import { AppError } from '../../../core/errors.ts'
import { findReader } from './readers.ts'
import { newWebhookSecret, type TargetSecrets } from './secrets.ts'
import type { NewTargetRow } from './store.ts'

/** What is stored of a new target, and what is sealed. */
export interface TargetParts {
  readonly row: NewTargetRow
  readonly secrets: TargetSecrets[keyof TargetSecrets]
}

/** Takes what was entered apart. Throws `invalid_input` for a mailbox of nobody who may see the creator. */
export async function partsOf(
  tx: Queryable,
  tenant: Tenant,
  entered: NewTarget,
): Promise<TargetParts> {
  const { kind, name = targetKinds[kind] } = entered
  const common = { kind, name, fingerprint: null, userId: null }
  switch (entered.kind) {
    case 'webhook': {
      const { url } = entered
      return {
        row: { ...common, address: originOf(url) },
        secrets: { url, secret: newWebhookSecret() },
      }
    }
    case 'slack':
    case 'discord': {
      const { url } = entered
      return { row: { ...common, address: originOf(url) }, secrets: { url } }
    }
    case 'telegram': {
      const { bot_token, chat_id } = entered
      return { row: { ...common, address: `chat ${chat_id}` }, secrets: { bot_token, chat_id } }
    }
    case 'email': {
      const reader = await findReader(tx, tenant, entered.email)
      if (!reader) {
        const message =
          'Alerts are sent only to people with access to this creator. Invite them first.'
        throw new AppError('invalid_input', message)
      }
      const { id, name: person } = reader
      return { row: { ...common, address: person, fingerprint: id, userId: id }, secrets: {} }
    }
  }
}

/** The part of an address that is no secret. */
export const originOf = (url: string): string => new URL(url).origin
