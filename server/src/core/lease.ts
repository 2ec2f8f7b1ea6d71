import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'

export interface LeaseOptions {
  /** How long a dead holder delays others. */
  readonly ttlMs?: number
}

const TTL_MS = 10_000

/**
 * Runs `work` unless someone else holds the lease of that name; returns whether it did. The lease is renewed
 * while it works; `lost` aborts when it is lost, and then `work` must end without writing more. `isHeld` is
 * exact to the millisecond, for work that must not start after that: it uses no timer, which a busy process
 * runs late. By the database's clock, so node clocks do not matter.
 */
export async function withLease(
  database: Database,
  name: string,
  work: (lost: AbortSignal, isHeld: () => boolean) => Promise<void>,
  { ttlMs = TTL_MS }: LeaseOptions = {},
): Promise<boolean> {
  const holder = randomUUID()
  // Counted from before the question: the database counts from when it gets it.
  let heldUntil = performance.now() + ttlMs
  if (!(await take(database, name, holder, ttlMs))) return false
  const lost = new AbortController()
  const isHeld = () => !lost.signal.aborted && performance.now() < heldUntil
  let renewal: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    const asked = performance.now()
    // A renewal without any answer must not keep what others may have taken.
    if (!isHeld()) lost.abort()
    renewal = take(database, name, holder, ttlMs).then(
      (held) => {
        if (held) heldUntil = asked + ttlMs
        else lost.abort()
      },
      // A database that does not answer for a while is not a loss yet: nobody else could take the lease
      // either.
      () => {
        if (performance.now() >= heldUntil) lost.abort()
      },
    )
  }, ttlMs / 3)
  try {
    await work(lost.signal, isHeld)
    return true
  } finally {
    clearInterval(timer)
    // A pending one would take the lease again after it was released.
    await renewal
    // Best effort: otherwise the next holder waits until the lease expires.
    await database
      .query(sql`delete from leases where name = ${name} and holder = ${holder}::uuid`)
      .catch(() => {})
  }
}

/** Takes a free lease or renews its own. */
async function take(
  database: Database,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<boolean> {
  const rows = await database.query(sql`
    insert into leases (name, holder, expires_at)
    values (${name}, ${holder}::uuid, clock_timestamp() + make_interval(secs => ${ttlMs / 1000}::float8))
    on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
    where leases.holder = excluded.holder or leases.expires_at < clock_timestamp()
    returning name`)
  return rows.length > 0
}

/** For a database used by one process at a time: earlier lease holders are gone. */
export async function forgetLeases(database: Database): Promise<void> {
  await database.query(sql`delete from leases`)
}
