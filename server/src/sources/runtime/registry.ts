import type { EventType } from '@creatorflow/shared/event-types'
import type * as wire from '@creatorflow/shared/features/sources'
import { INSIDE } from '@creatorflow/shared/sources'
import { isOptional, type SourceDefinition } from './definition.ts'

/** Every kind of source that this server knows, by what the database calls it, in the order in which they are offered. */
export type SourceKinds = ReadonlyMap<string, SourceDefinition>

const identifier = /^[a-z][a-z0-9_]{0,59}$/
/** Fields that every new source has. */
const taken: readonly string[] = ['kind', 'name']

/** Checks definitions and makes them findable. Throws for one that could not work. */
export function sourceKindsOf(definitions: readonly SourceDefinition[]): SourceKinds {
  const kinds = new Map<string, SourceDefinition>()
  const variables = new Set<string>()
  for (const definition of definitions) {
    const { kind, account, fields } = definition
    const wrong = (what: string) => new Error(`The kind of source "${kind}" ${what}.`)
    if (!identifier.test(kind) || kind === INSIDE) throw wrong('needs another name')
    if (kinds.has(kind)) throw wrong('is defined twice')
    for (const name of Object.keys(fields)) {
      if (!identifier.test(name) || taken.includes(name)) {
        throw wrong(`needs another name for its field "${name}"`)
      }
    }
    const holds = fields[account.field]
    if (!holds || holds.secret || isOptional(holds)) {
      throw wrong(`needs a field "${account.field}" that is required and no secret`)
    }
    for (const name of definition.oauth?.connect?.fields ?? []) {
      if (!fields[name]) throw wrong(`needs the field "${name}" of one's own app`)
    }
    for (const name of Object.keys(definition.variables)) {
      if (variables.has(name)) throw wrong(`shares the variable ${name} with another kind`)
      variables.add(name)
    }
    kinds.set(kind, definition)
  }
  return kinds
}

/** What people call a kind; one that only another release knows is called by its own word. */
export const nameOfKind = (kinds: SourceKinds, kind: string): string =>
  kinds.get(kind)?.name ?? kind

/** What a kind brings; of an unknown one nothing is known. */
export const broughtBy = (kinds: SourceKinds, kind: string): readonly EventType[] =>
  kinds.get(kind)?.brings ?? []

/** Whether it brings orders, which then must not come in by another way too. */
export const isShop = ({ brings }: SourceDefinition): boolean => brings.includes('order_created')

/** How a kind is spelled in addresses. */
export const slugOf = (kind: string): string => kind.replaceAll('_', '-')

/** Where a service sends the browser back to after an authorization. */
export const redirectPath = (kind: string): string => `/api/v1/sources/${slugOf(kind)}/authorized`

/** The way of deliveries to a source; null for a kind that nobody delivers to. */
export function webhookPath(kinds: SourceKinds, kind: string, sourceId: string): string | null {
  return kinds.get(kind)?.receiver ? `/api/v1/webhooks/${slugOf(kind)}/${sourceId}` : null
}

const provided = (definition: SourceDefinition): wire.SourceKind['provides'] =>
  isShop(definition) ? 'orders' : definition.brings.includes('live_started') ? 'lives' : 'other'

/** A kind as the page that connects sources is told of it; `config` is that of the server. */
export function toWire(definition: SourceDefinition, config: unknown): wire.SourceKind {
  const {
    kind,
    name,
    summary,
    afterwards,
    account,
    fields,
    problems = {},
    oauth,
    console,
  } = definition
  // Safe: the server's configuration holds the variables of every kind that it knows.
  const everyMs = definition.checkedEveryMs?.(config as never)
  return {
    kind,
    name,
    summary,
    account_prefix: account.prefix ?? '',
    fields: Object.entries(fields).map(([field, { isForPrograms, ...of }]) => ({
      name: field,
      label: of.label,
      hint: of.hint,
      secret: of.secret ?? false,
      optional: isOptional(of),
      form: isForPrograms ? 'none' : oauth?.connect?.fields.includes(field) ? 'own_app' : 'always',
    })),
    afterwards,
    problems,
    authorize: oauth?.action ?? null,
    connect: oauth?.connect
      ? {
          action: oauth.connect.action,
          own_app: oauth.connect.ownApp,
          // Safe, as above.
          ready: oauth.connect.hasApp(config as never),
        }
      : null,
    console: console
      ? {
          name: console.name,
          topics: [...console.topics],
          redirect_path: oauth ? redirectPath(kind) : null,
        }
      : null,
    provides: provided(definition),
    checkable: definition.check !== undefined,
    checked_every_s: everyMs === undefined ? null : Math.max(1, Math.round(everyMs / 1_000)),
  }
}
