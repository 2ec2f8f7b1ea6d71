import type { Tenant } from '@creatorflow/db/tenant'
import type { Changes } from '@creatorflow/shared/changes'
import type { Creator } from '@creatorflow/shared/creator'
import type { LiveState } from '@creatorflow/shared/live-state'
import type { RecountProblem } from '@creatorflow/shared/recounting'

/** A creator as it stands at one moment. The state moves on after the first `await`: take what you need before it. */
export interface Sight {
  readonly tenant: Tenant
  readonly creator: Creator
  readonly state: LiveState
  /** Another one means that history was recounted, or that another database is in place. */
  readonly epoch: string
  /**
   * What changed since the last look that succeeded. Empty when nothing did: time alone has passed. Null when there is
   * nothing to compare with: at the first look, under another epoch, or after falling far behind.
   */
  readonly changes: Changes | null
  /** Time of the newest event since then, epoch ms; null when there is none. Long before `now` for an import or a backlog. */
  readonly newestEventAt: number | null
  /** The state holds everything that was stored by then, epoch ms. It stands still while the database cannot be asked. */
  readonly asOf: number
  readonly now: number
  /** Set while late events are not in the right LIVE yet. */
  readonly recounting: 'waiting' | RecountProblem | null
  /** Aborts when this process stops watching: what has not been written by then belongs to the next owner. */
  readonly signal: AbortSignal
}

/** Looks at one creator. What it remembers lasts as long as this process watches that creator. */
export type Look = (sight: Sight) => void | Promise<void>

/**
 * A feature's view of LIVEs that needs no open screen. One process with the role `jobs` has it at a time. After a crash
 * or a recount the same moment may be looked at again, so whatever a look does must be harmless when done twice.
 */
export interface Watch {
  /** The creators to follow now, most important first. Asked every two seconds. */
  creators(): Promise<readonly string[]>
  /** Called when a creator begins to be watched; the answer is called again and again until that ends. */
  begin(tenant: Tenant): Look
}
