import {
  type ApiDocument,
  operationsOf,
  type PlacedOperation,
} from '@creatorflow/shared/reference/document'

/** What the reference lists under one heading. */
export interface Section {
  readonly id: string
  readonly name: string
  readonly operations: readonly PlacedOperation[]
}

/** The chapters before the operations. */
export const chapters = [
  { id: 'start', name: 'First call' },
  { id: 'errors', name: 'Errors and limits' },
  { id: 'socket', name: 'Live updates' },
  { id: 'events', name: 'Event types' },
  { id: 'metrics', name: 'Metrics' },
] as const

/** What a program reads and writes most comes first. */
const first = ['events', 'live', 'lives', 'metrics', 'overview', 'creators']

/** The operations by what they are about. */
export function sectionsOf(reference: ApiDocument): Section[] {
  const byTag = Map.groupBy(operationsOf(reference), ({ operation }) => operation.tags[0])
  const place = (tag: string) => (first.includes(tag) ? first.indexOf(tag) : first.length)
  return [...byTag]
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([tag, operations]) => ({ id: `about-${tag}`, name: nameOf(tag), operations }))
}

const names: Readonly<Record<string, string>> = {
  'api-keys': 'API keys',
  events: 'Sending events',
  lives: 'LIVEs',
  me: 'Your account',
  metrics: 'Metrics over time',
  'openapi.json': 'This reference',
}

function nameOf(tag: string): string {
  const words = tag.replaceAll('-', ' ')
  return names[tag] ?? words.charAt(0).toUpperCase() + words.slice(1)
}

/** The sections whose operations have every word in their path, name or summary. */
export function matching(sections: readonly Section[], wanted: string): Section[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  return sections
    .map((section) => ({
      ...section,
      operations: section.operations.filter(({ method, path, operation }) => {
        const text = `${section.name} ${method} ${path} ${operation.summary}`.toLowerCase()
        return words.every((word) => text.includes(word))
      }),
    }))
    .filter(({ operations }) => operations.length > 0)
}
