import type { Database, Transaction } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EventType } from '@creatorflow/shared/event-types'
import type { ProblemWords } from '@creatorflow/shared/sources'
import { z } from 'zod'
import type { ConfigOf, Variables } from '../../core/config/variable.ts'
import type { Check, Checking } from './checks.ts'
import type { SourceKindDeps } from './kind-deps.ts'
import type { OAuth } from './oauth.ts'
import type { Receiver } from './pushed.ts'
import type { SourceKind } from './source.ts'

/** One thing that a person enters to connect a source. */
export interface SourceField {
  readonly label: string
  /** Where to find it. */
  readonly hint: string
  /** What is accepted; the field is optional when the schema accepts undefined. */
  readonly schema: z.ZodType<string | undefined>
  /** Sealed, and never shown again. What is neither a secret nor the account is one of the source's settings. */
  readonly secret?: true
  /** No form asks for it, since the visit to the service brings it: it is for programs that have it already. */
  readonly isForPrograms?: true
}

/** What a kind keeps of orders in a table of its own, with a `creator_id`. */
export interface Ledger<C> {
  readonly table: string
  /** Deletes what is older than the configuration says. */
  forget(database: Database, config: C): Promise<void>
  /** Deletes what it keeps of these orders, because the person who placed them is erased. */
  eraseOrders(tx: Transaction, tenant: Tenant, orderIds: readonly string[]): Promise<void>
}

/**
 * A kind of source, whole: its folder exports one of these, and nothing else of the program names the kind. `V` are the
 * variables that it can be configured by.
 */
// biome-ignore lint/suspicious/noExplicitAny: a list holds kinds with different variables, and each is created with its own.
export interface SourceDefinition<V extends Variables = any> {
  /** What the database and the API call it, such as `tiktok_shop`. */
  readonly kind: string
  /** What people call it. */
  readonly name: string
  /** What connecting it brings, in words. */
  readonly summary: string
  /** What to do or expect once it was added. */
  readonly afterwards: string
  /** Types of events that it brings: the metrics made of them depend on it. */
  readonly brings: readonly EventType[]
  readonly account: {
    /** The field that holds it. */
    readonly field: string
    /** What one is called, such as `shop`. */
    readonly noun: string
    /** What stands before it where people read it, such as `@`. */
    readonly prefix?: string
    /** Several creators may connect the same one. What is delivered to this server must have one addressee. */
    readonly isShared?: true
    /** What a source of it is called until somebody names it; the account as people read it, unless given. */
    nameOf?(account: string): string
  }
  /** In the order in which they are asked for. */
  readonly fields: Readonly<Record<string, SourceField>>
  readonly variables: V
  /** Problems of this kind alone, and what others mean for it. */
  readonly problems?: Readonly<Record<string, ProblemWords>>
  /** What a person sets up at the service by hand. */
  readonly console?: {
    /** Where, such as “the Partner Center”. */
    readonly name: string
    /** What to subscribe to, as the service calls it. */
    readonly topics: readonly string[]
  }
  /** How deliveries of it are told from anybody's, when it is pushed to. */
  readonly receiver?: Receiver<ConfigOf<V>>
  /** How a person authorizes this server, when that takes a visit to the service. */
  readonly oauth?: OAuth<ConfigOf<V>>
  /** Tests each step of connecting it; a step that fails is a result, not an error. */
  check?(of: Checking<ConfigOf<V>>): Promise<readonly Check[]>
  readonly ledger?: Ledger<ConfigOf<V>>
  /** How often it looks whether there is something to receive, when it does so. */
  checkedEveryMs?(config: ConfigOf<V>): number
  /** Makes what holds its connections, in a process with the role `pipeline`. */
  create(deps: SourceKindDeps<ConfigOf<V>>): SourceKind
}

/** Keeps the type of the variables of a definition. */
export function defineSource<const V extends Variables>(
  definition: SourceDefinition<V>,
): SourceDefinition<V> {
  return definition
}

/** What a secret may be. */
export const secretText = z.string().trim().min(1).max(2_000)

export const isOptional = ({ schema }: SourceField): boolean => schema.safeParse(undefined).success

/** The account as people read it. */
export const accountOf = ({ account: { prefix = '' } }: SourceDefinition, account: string) =>
  `${prefix}${account}`
