import type { SourcesHeard } from '@creatorflow/shared/socket'

/** Tells whoever watches a creator how its sources do, after a watch and on a change. */
export interface SourceFeed extends AsyncDisposable {
  /** What somebody who watches a creator from now on is told; undefined when it comes to the whole room soon. */
  hear(creatorId: string): SourcesHeard | undefined
}

/** Of whom it tells, and whom. */
export interface SourceFeedOf {
  /** The creators that somebody watches now. */
  readonly watched: () => readonly string[]
  /** Tells everybody who watches a creator. */
  readonly tell: (heard: SourcesHeard) => void
}
