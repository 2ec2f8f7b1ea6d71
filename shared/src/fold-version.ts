import { eventTypeNames, eventTypes } from './event-types.ts'
import { stateLimits } from './live-state.ts'
import { type BaseMetric, baseMetricIds, metrics } from './metrics.ts'

/** Raise it when the fold's code or the state's shape changes; catalogue changes are detected automatically. */
export const FOLD_SHAPE = 4

/** Versions of one shape, so a shape can be derived from its versions. */
const CATALOGUES = 10_000_000

/**
 * Names what a fold stores and from what. Under another version every checkpoint and screen starts afresh. It
 * does not depend on the order of entries, and is the same in every process.
 */
export const FOLD_VERSION = /* @__PURE__ */ foldVersion()

/** The shape of a state that was stored with a version. */
export function shapeOf(version: number): number {
  return version < CATALOGUES ? version : Math.floor(version / CATALOGUES)
}

/** The version of the current catalogues. */
export function foldVersion(): number {
  const counted = baseMetricIds.map((id) => {
    const { merge, scopes, series, product, from } = metrics[id] as BaseMetric
    return [id, merge, series ?? null, product ?? null, [...scopes].sort(), inOrder(from)]
  })
  const types = eventTypeNames.map((type) => [type, eventTypes[type].presence])
  const text = JSON.stringify([sorted(counted), sorted(types), inOrder(stateLimits)])
  return FOLD_SHAPE * CATALOGUES + (hashOf(text) % CATALOGUES)
}

function sorted(entries: readonly unknown[][]): unknown[][] {
  return entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

/** Members by name, and list entries too: sums have no order. */
function inOrder(of: object): unknown[] {
  return sorted(
    Object.entries(of).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.toSorted() : typeof value === 'object' ? inOrder(value) : value,
    ]),
  )
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}
