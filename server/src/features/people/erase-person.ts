import { randomUUID } from 'node:crypto'
import type { Database, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { LiveEntry, LiveState } from '@creatorflow/shared/live-state'
import { allowDecompression, raiseGeneration } from '../../pipeline/resettle/rewrite.ts'
import { eraseMessages } from './erase-messages.ts'
import {
  claimKindsOfPeople,
  keptProperties,
  type Renaming,
  redactedEvent,
  renamedKey,
} from './redact.ts'

/**
 * Forgets who a person was, in one transaction: name and words are deleted, the log gets a random name in its
 * place, and claims follow, so that every count stays. Nothing tells which person a random name was. `also` runs in it.
 */
export async function erasePerson(
  database: Database,
  tenant: Tenant,
  userId: string,
  also?: (tx: Transaction) => Promise<void>,
): Promise<{ events: number; comments: number; messages: number; raised: boolean }> {
  const { creatorId } = tenant
  const renaming = { from: userId, to: `erased-${randomUUID()}` }
  return database.transaction(async (tx) => {
    await tx.query(sql`select 1 from counters where creator_id = ${creatorId} for no key update`)
    await allowDecompression(tx, database)
    await tx.query(sql`delete from people where creator_id = ${creatorId} and user_id = ${userId}`)
    const comments = await tx.query(sql`
      delete from comments where creator_id = ${creatorId} and user_id = ${userId} returning 1`)
    await renameInProperties(tx, tenant, renaming)
    const events = await renameInEvents(tx, tenant, renaming)
    await renameInClaims(tx, tenant, renaming)
    await renameInDeadLetters(tx, tenant, renaming)
    const messages = await eraseMessages(tx, tenant, userId)
    const happenings = await renameInDropped(tx, tenant, renaming)
    const raised = events + comments.length + happenings > 0
    if (raised) await raiseGeneration(tx, tenant)
    await also?.(tx)
    return { events, comments: comments.length, messages, raised }
  })
}

const kept = raw(keptProperties.map((key) => `'${key}'`).join(', '))

/** Events of others that mention the person: only in what nothing is counted by. */
async function renameInProperties(
  tx: Transaction,
  { creatorId }: Tenant,
  { from, to }: Renaming,
): Promise<void> {
  await tx.query(sql`
    update events e set properties = (
      select jsonb_object_agg(key, case when key in (${kept}) then value
        else replace(value::text, to_jsonb(${from}::text)::text, to_jsonb(${to}::text)::text)::jsonb end)
      from jsonb_each(e.properties)
    )
    where creator_id = ${creatorId}
      and strpos(properties::text, to_jsonb(${from}::text)::text) > 0`)
}

/** The person's own events: the new name, and of the properties only what names nobody. */
async function renameInEvents(
  tx: Transaction,
  { creatorId }: Tenant,
  { from, to }: Renaming,
): Promise<number> {
  const [row] = await tx.query<{ n: number }>(sql`
    with renamed as (
      update events e set
        user_id = case when user_id = ${from} then ${to} else user_id end,
        customer_id = case when customer_id = ${from} then ${to} else customer_id end,
        properties = (
          select jsonb_object_agg(key, case when key = 'streak_id' and e.user_id = ${from}
            then to_jsonb(replace(value #>> '{}', ${from}, ${to})) else value end)
          from jsonb_each(e.properties) where key in (${kept})
        )
      where creator_id = ${creatorId} and (user_id = ${from} or customer_id = ${from})
      returning 1
    ) select count(*)::int as n from renamed`)
  return row?.n ?? 0
}

async function renameInClaims(
  tx: Transaction,
  { creatorId }: Tenant,
  renaming: Renaming,
): Promise<void> {
  const found = await tx.query<{ kind: string; key: string }>(sql`
    select kind, key from claims
    where creator_id = ${creatorId} and kind = any(${claimKindsOfPeople}::text[])
      and strpos(key, ${JSON.stringify(renaming.from)}) > 0`)
  const renamed = found.flatMap(({ kind, key }) => {
    const after = renamedKey(kind, key, renaming)
    return after === undefined ? [] : [{ kind, key, after }]
  })
  if (renamed.length === 0) return
  await tx.query(sql`
    update claims c set key = t.after
    from unnest(
      ${renamed.map((r) => r.kind)}::text[],
      ${renamed.map((r) => r.key)}::text[],
      ${renamed.map((r) => r.after)}::text[]
    ) as t (kind, key, after)
    where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key`)
}

/** What was folded from dropped events names people only in what happened last. Answers how often. */
async function renameInDropped(
  tx: Transaction,
  { creatorId }: Tenant,
  { from, to }: Renaming,
): Promise<number> {
  let renamed = 0
  const rename = ({ recent }: LiveEntry) => {
    for (const [id, happening] of Object.entries(recent)) {
      if (happening.user_id !== from) continue
      recent[id] = { ...happening, user_id: to }
      renamed++
    }
  }
  const mention = sql`creator_id = ${creatorId}
    and strpos(state::jsonb::text, to_jsonb(${from}::text)::text) > 0`
  const lives = await tx.query<{ session_id: string; until: Date; state: LiveEntry }>(
    sql`select session_id, until, state from frozen_lives where ${mention}`,
  )
  for (const { session_id, until, state } of lives) {
    rename(state)
    await tx.query(sql`
      update frozen_lives set state = ${JSON.stringify(state)}::json
      where creator_id = ${creatorId} and session_id = ${session_id} and until = ${until.toISOString()}::timestamptz`)
  }
  const bases = await tx.query<{ until: Date; state: LiveState }>(
    sql`select until, state from log_bases where ${mention}`,
  )
  for (const { until, state } of bases) {
    for (const live of Object.values(state.lives)) rename(live)
    await tx.query(sql`
      update log_bases set state = ${JSON.stringify(state)}::json
      where creator_id = ${creatorId} and until = ${until.toISOString()}::timestamptz`)
  }
  return renamed
}

async function renameInDeadLetters(
  tx: Transaction,
  { creatorId }: Tenant,
  renaming: Renaming,
): Promise<void> {
  const { from, to } = renaming
  const found = await tx.query<{ id: number; reason: string; event: Record<string, unknown> }>(sql`
    select id, reason, event from dead_letters
    where creator_id = ${creatorId}
      and (event ->> 'user_id' = ${from} or event ->> 'customer_id' = ${from})`)
  for (const { id, reason, event } of found) {
    await tx.query(sql`
      update dead_letters set event = ${JSON.stringify(redactedEvent(event, renaming))}::jsonb,
        reason = ${reason.replaceAll(from, to)}
      where id = ${id}`)
  }
}
