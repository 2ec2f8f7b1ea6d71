import type { SourcesHeard } from '@creatorflow/shared/socket'
import { getContext, setContext } from 'svelte'

/** What a page knows of the sources of the creator that it shows. */
export interface HeardSources {
  /** Null until the server has told. */
  readonly heard: SourcesHeard | null
  readonly now: number
  /** A time of day as the creator reads it. */
  clock(at: number): string
}

const key = Symbol('sources')

export function provideSources(sources: HeardSources): void {
  setContext(key, sources)
}

/** Undefined where nobody listens to sources. */
export function heardSources(): HeardSources | undefined {
  return getContext<HeardSources | undefined>(key)
}
