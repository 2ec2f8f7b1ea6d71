import { type Columns, cellOf, movedBy, setCell } from './columns.ts'
import {
  detailKeys,
  type LiveDetail,
  type LiveEntry,
  type LiveSnapshot,
  type LiveState,
  shownOf,
} from './live-state.ts'
import type { MetricId } from './metrics.ts'
import { own } from './own.ts'

/**
 * The path to a cell of the state, steps joined by a character that no id has: one string costs the fold less
 * than a list. In a series the last step is the bucket, in columns of rows the row.
 */
export type Path = string

export const pathOf = (...steps: readonly string[]): Path => steps.join('\u0000')
export const stepsOf = (path: Path): readonly string[] => path.split('\u0000')

/**
 * Changes in the shape of the state, each cell with its current value; cells of columns and of lists by
 * position. Null removes a member of `days`, `lives`, `stock` or `recent`; elsewhere it is a value.
 */
export interface Changes {
  readonly days?: Tree
  readonly lives?: Tree
  readonly stock?: Tree
}
type Tree = Readonly<Record<string, unknown>>
type Node = Record<string, unknown>

const seriesNames = ['minutes', 'tens'] as const
type SeriesName = (typeof seriesNames)[number]

/** The cells at these paths, as steps, with their current values. A LIVE or day sent in full includes its cells. */
export function changesOf(state: LiveState, paths: readonly (readonly string[])[]): Changes {
  const changes = { days: {}, lives: {}, stock: {} } as Record<keyof Changes, Node>
  for (const steps of paths) {
    if (steps.length > 2) continue
    const [area, id] = steps as readonly [keyof Changes, string]
    const member: unknown = own(state[area] as Node, id) ?? null
    const sent = area === 'lives' && member ? shownOf(member as LiveEntry) : member
    if (id !== '__proto__') changes[area][id] = sent
  }
  const parts = { days: new Map<string, Part>(), lives: new Map<string, Part>() }
  for (const steps of paths) {
    if (steps.length === 2) continue
    const [area, id] = steps as readonly [keyof typeof parts, string]
    let part = parts[area].get(id)
    if (!part) {
      const held = own(state[area] as unknown as Record<string, Node>, id)
      // Parts that came and went since leave cells behind that belong to nothing.
      part = held && !Object.hasOwn(changes[area], id) ? { held, changed: emptyNode() } : gone
      parts[area].set(id, part)
      if (part.held) changes[area][id] = part.changed
    }
    if (part.held) putCell(part.changed, part.held, steps)
  }
  for (const area of ['days', 'lives', 'stock'] as const) {
    if (isEmpty(changes[area])) delete (changes as Partial<typeof changes>)[area]
  }
  return changes
}

/** A day or LIVE as held, and what is sent of it. */
interface Part {
  readonly held: Node | undefined
  readonly changed: Node
}
const gone: Part = { held: undefined, changed: {} }

/** Whether nothing that screens receive has changed. */
export function isEmpty(changes: object): boolean {
  for (const _ in changes) return false
  return true
}

/** Adds a cell's current value to what is sent, unless no screen holds it any more. */
function putCell(changed: Node, held: Node, steps: readonly string[]): void {
  const [, , name, key, last] = steps as readonly [string, string, string, string, string]
  if (key === '__proto__') return
  if (key === undefined) changed[name] = held[name]
  else if (last === undefined) nodeIn(changed, name)[key] = own(held[name] as Node, key) ?? null
  else {
    const position = Number(last) - (isSeries(name) ? (held[`${name}_from`] as number) : 0)
    if (position < 0) return
    const value = cellOf(held[name] as Columns, key as MetricId, position)
    nodeIn(nodeIn(changed, name), key)[position] = value
  }
}

/** Without a prototype: the engine makes no shape for each id added. */
const emptyNode = (): Node => Object.create(null)

function nodeIn(node: Node, name: string): Node {
  const known = own(node, name)
  if (known) return known as Node
  const made = emptyNode()
  node[name] = made
  return made
}

const isSeries = (part: string): part is SeriesName => part === 'minutes' || part === 'tens'

/** A part, held or not yet, after its changes; undefined if it cannot be placed. */
type Merge = (held: unknown, change: unknown, name?: string) => unknown

const value: Merge = (_, change) => change

/** Parts by name: null is a value. */
function fields(parts: Readonly<Record<string, Merge>>): Merge {
  return (held, change) => {
    const next: Node = { ...(held as Node) }
    for (const [name, part] of Object.entries(change as Tree)) {
      const merge = Object.hasOwn(parts, name) ? parts[name] : undefined
      if (name !== '__proto__') next[name] = merge ? merge(own(next, name), part) : part
    }
    return next
  }
}

/** Members by id: null removes one. */
function members(merge: Merge): Merge {
  return (held, change) => {
    const next: Node = { ...(held as Node) }
    for (const [id, part] of Object.entries(change as Tree)) {
      if (id === '__proto__') continue
      const merged = part === null ? undefined : merge(own(next, id), part, id)
      if (merged !== undefined) next[id] = merged
      else if (part === null) delete next[id]
    }
    return next
  }
}

/** Each column whole, or its cells by position. */
const columns: Merge = (held, change) => {
  const next: Columns = { ...(held as Columns) }
  for (const [id, part] of Object.entries(change as Tree) as [MetricId, number[] | Tree][]) {
    if ((id as string) === '__proto__') continue
    const column = Array.isArray(part) ? part : [...(own(next, id) ?? [])]
    if (column.length > 0) next[id] = column
    if (column === part) continue
    for (const [at, cell] of Object.entries(part)) setCell(next, id, Number(at), cell as number)
  }
  return next
}

/** A list whole, or its texts by position. */
const texts: Merge = (held, change) => {
  if (Array.isArray(change)) return change
  const next = [...((held as string[]) ?? [])]
  for (const [at, text] of Object.entries(change as Tree)) {
    while (next.length < Number(at)) next.push('')
    next[Number(at)] = text as string
  }
  return next
}

const values = members(value)
const dayFields = fields({ totals: values, excluded: values })
const liveFields = fields({
  totals: values,
  excluded: values,
  minutes: columns,
  tens: columns,
  products: columns,
  product_rows: values,
  product_names: texts,
  products_other: values,
  pins: columns,
  pin_rows: values,
  pins_other: values,
  recent: values,
})

const hasAll = (change: unknown, ...names: string[]): boolean =>
  names.every((name) => Object.hasOwn(change as Tree, name))

// Cells of parts not held belong to nothing.
const day: Merge = (held, change) => {
  if (held) return dayFields(held, change)
  return hasAll(change, 'totals', 'excluded') ? change : undefined
}

/** A part sent in full replaces the held one: some of its cells may be gone. */
const whole: Merge = (held, change) => {
  if (hasAll(change, 'session_id')) return change
  return held ? liveFields(moved(held as Node, change as Tree), change) : undefined
}

const summary: Merge = (held, change) => {
  const part: Node = { ...(change as Tree) }
  for (const key of detailKeys) delete part[key]
  return whole(held, part)
}

/** A LIVE whose series start where the changes say: positions count from there. */
function moved(held: Node, change: Tree): Node {
  const next = { ...held } as Node & LiveDetail
  for (const name of seriesNames) {
    const from = change[`${name}_from`]
    if (typeof from === 'number') next[name] = movedBy(next[name], from - next[`${name}_from`])
  }
  return next
}

/**
 * A snapshot with changes applied. Applying twice is harmless. The given one stays unchanged, and unchanged
 * parts are the same objects in both. Of a LIVE not held in full only the summary is taken.
 */
export function applyChanges(
  snapshot: LiveSnapshot,
  { days, lives, stock }: Changes,
): LiveSnapshot {
  const live: Merge = (held, change, id) => (id === snapshot.whole ? whole : summary)(held, change)
  const state = fields({ days: members(day), lives: members(live), stock: values })
  return state(snapshot, {
    ...(days && { days }),
    ...(lives && { lives }),
    ...(stock && { stock }),
  }) as LiveSnapshot
}
