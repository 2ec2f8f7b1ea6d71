import type { SourcesHeard } from '@creatorflow/shared/socket'
import { getContext, setContext } from 'svelte'

/** What a page knows about the sources of its creator. */
export interface HeardSources {
  /** Null until the server sends it. */
  readonly heard: SourcesHeard | null
  readonly now: number
  /** A time of day in the creator's zone. */
  clock(at: number): string
}

const key = Symbol('sources')

export function provideSources(sources: HeardSources): void {
  setContext(key, sources)
}

/** Undefined where nothing subscribes to sources. */
export function heardSources(): HeardSources | undefined {
  return getContext<HeardSources | undefined>(key)
}
