declare const authorized: unique symbol

/**
 * A creator that the caller may work on. What reads or writes a creator's rows takes a Tenant, so that a
 * query nobody authorized does not compile.
 */
export interface Tenant {
  readonly creatorId: string
  readonly [authorized]: true
}
