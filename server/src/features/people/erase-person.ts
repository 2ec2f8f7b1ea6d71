import { randomUUID } from 'node:crypto'
import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { identifiersOf, type Person } from '../../projections/identifiers.ts'
import { projections } from '../../projections/index.ts'
import { allowDecompression, raiseGeneration } from '../../resettle/rewrite.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'
import { eraseInKept } from './erase-kept.ts'
import { eraseInLog } from './erase-log.ts'
import { eraseMessages } from './erase-messages.ts'
import { eraseInLetters, eraseInNotes } from './erase-texts.ts'

/**
 * Erases a person in one transaction: names and texts are deleted, the log gets random names in place of the
 * person's id and those of their orders, and claims follow, so every count stays. Others' texts lose their
 * mentions. Nothing reveals which person or order a random name was. `also` runs in it.
 */
export async function erasePerson(
  database: Database,
  tenant: Tenant,
  userId: string,
  sourceKinds: SourceKinds,
  also?: (tx: Transaction) => Promise<void>,
): Promise<{ events: number; comments: number; messages: number; raised: boolean }> {
  const { creatorId } = tenant
  return database.transaction(async (tx) => {
    await tx.query(sql`select 1 from counters where creator_id = ${creatorId} for no key update`)
    await allowDecompression(tx, database)
    const person = await personOf(tx, tenant, userId)
    const identifiers = identifiersOf(person)
    const { own, changed, eventIds } = await eraseInLog(tx, tenant, person, identifiers)
    const erased = { own: 0, mentions: 0 }
    for (const { erase } of projections) {
      const rows = await erase?.(tx, tenant, { person, identifiers, eventIds })
      erased.own += rows?.own ?? 0
      erased.mentions += rows?.mentions ?? 0
    }
    const messages = await eraseMessages(tx, tenant, identifiers.inMessages)
    for (const { ledger } of sourceKinds.values()) {
      await ledger?.eraseOrders(tx, tenant, [...person.orders.keys()])
    }
    await eraseInLetters(tx, tenant, person, identifiers)
    const kept = await eraseInKept(tx, tenant, person, identifiers)
    const raised = changed + erased.own + erased.mentions + kept > 0
    if (raised) await raiseGeneration(tx, tenant)
    await also?.(tx)
    await eraseInNotes(tx, tenant, identifiers)
    return { events: own, comments: erased.own, messages, raised }
  })
}

/** What is known of a person: the names others may use for them, and their orders. */
async function personOf(tx: Transaction, { creatorId }: Tenant, userId: string): Promise<Person> {
  const known = await tx.query<{ handle: string | null; name: string | null }>(sql`
    select handle, name from people where creator_id = ${creatorId} and user_id = ${userId}`)
  const orders = await tx.query<{ order_id: string }>(sql`
    select distinct order_id from events
    where creator_id = ${creatorId} and (user_id = ${userId} or customer_id = ${userId})
      and order_id is not null`)
  const isText = (text: string | null): text is string => text !== null && text !== ''
  return {
    userId,
    pseudonym: `erased-${randomUUID()}`,
    handles: known.map(({ handle }) => handle).filter(isText),
    names: known.map(({ name }) => name).filter(isText),
    orders: new Map(orders.map(({ order_id }) => [order_id, `erased-${randomUUID()}`])),
  }
}
