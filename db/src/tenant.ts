import type { Queryable } from './database.ts'

declare const authorized: unique symbol
declare const asTenant: unique symbol

/**
 * A creator that the caller may work on. What reads or writes a creator's rows takes a Tenant, so that a
 * query nobody authorized does not compile.
 */
export interface Tenant {
  readonly creatorId: string
  readonly [authorized]: true
}

/** What `Database.readAs` lends: it sees the rows of one creator, and no table. */
export interface TenantRead extends Queryable {
  readonly [asTenant]: true
}
