import type { TenantRead, Transaction } from '@creatorflow/db/database'
import type { Sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Config } from '../core/config/config.ts'
import type { AttributedEvent, LiveRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import type { Claim, ClaimKey } from './claims.ts'
import type { Identifiers, Person } from './identifiers.ts'
import type { PinRow } from './pins.ts'

/** A batch about to be written. */
export interface SettledBatch {
  readonly fresh: readonly AttributedEvent[]
  readonly claims: {
    readonly added: readonly (ClaimKey & Claim)[]
    readonly stored: readonly (ClaimKey & Claim)[]
  }
  readonly lives: readonly LiveRow[]
  readonly pins: readonly PinRow[]
}

/** The result of re-attributing a log. */
export interface Reattributed {
  readonly lives: readonly LiveRow[]
  readonly pins: readonly PinRow[]
  readonly claims: readonly (ClaimKey & Claim)[]
}

/** Who is erased, and the ids of events renamed with them. */
export interface Erasure {
  readonly person: Person
  readonly identifiers: Identifiers
  readonly eventIds: ReadonlyMap<string, string>
}

export type RetentionDays = Pick<Config, 'peopleRetentionDays' | 'commentsRetentionDays'>

interface Table {
  readonly table: string
  /** Parts of the one statement that writes a batch. They must be independent. */
  write?(batch: SettledBatch): readonly (Sql | undefined)[]
  /** Follows log rows changed by re-attribution. */
  reattributeRows?(creatorId: string, rows: readonly EventRow[]): Sql | undefined
  /** What re-attribution makes of the table. */
  readonly rederived?: {
    readonly columns: readonly string[]
    rows(of: Reattributed): readonly object[]
    /**
     * Which stored rows it replaces after old events were dropped: those made by kept events. Without this,
     * the table is too large to be replaced as a whole, and re-attribution rewrites it page by page.
     */
    isReplaced?(of: Reattributed, keptSince: string): Sql
  }
  /** Recomputes what depends on other projections, after those were rewritten: writers wait for it. */
  recount?(tx: Transaction, creatorId: string): Promise<void>
  /** Subtracts these claims before they are rewritten. */
  beforeClaims?(tx: Transaction, creatorId: string, keys: readonly ClaimKey[]): Promise<void>
  /** Adds these claims after they were rewritten. */
  afterClaims?(tx: Transaction, creatorId: string, keys: readonly ClaimKey[]): Promise<void>
  /** Deleted when `column` is older than this many days; 0 keeps it. */
  readonly ages?: { readonly column: string; days(config: RetentionDays): number }
  /** The column with the event id of a row: the row is deleted with its event. */
  readonly eventId?: string
  /** What a person's export includes. */
  readonly exported?: {
    readonly kind: string
    /** The rows after `last`, in a fixed order. */
    page(read: TenantRead, userId: string, last: unknown, limit: number): Promise<readonly object[]>
  }
  /** What a creator's rows should be, as far as SQL can derive it from the log and other projections. */
  readonly rebuilt?: {
    readonly columns: readonly string[]
    /** Which stored rows are compared. Dropped events have no source any more. */
    isCompared: Sql
    /** Select of `columns`. */
    rows(creatorId: string): Sql
  }
}

/** Nothing in it can identify anyone. */
interface NobodysTable extends Table {
  readonly personal: readonly []
  readonly erase?: undefined
}

interface PersonalTable extends Table {
  /** Columns that can identify a person: whoever names one must erase it too. */
  readonly personal: readonly [string, ...string[]]
  /**
   * Removes a person; returns how many rows were theirs and how many others mentioned them, as far as screens
   * show them.
   */
  erase(tx: Transaction, tenant: Tenant, erasure: Erasure): Promise<Erased>
}

/**
 * A table derived from the event log, declared once: the writer, re-attribution, retention, erasure, export
 * and verification loop over the list. What a table does not declare does not happen to it. Deleting a
 * creator and the tenant views need no entry: they read the database's catalog.
 */
export type Projection = NobodysTable | PersonalTable

export interface Erased {
  readonly own: number
  readonly mentions: number
}

/** A time for the database. */
export const instant = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString()
