declare const authorized: unique symbol

/**
 * A creator that the caller may work on. Code that reads or writes a creator's rows takes a Tenant, so an
 * unauthorized query does not compile.
 */
export interface Tenant {
  readonly creatorId: string
  readonly [authorized]: true
}
