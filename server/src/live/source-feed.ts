import type { SourcesHeard } from '@creatorflow/shared/socket'

/** Sends screens the status of their creator's sources, after a watch and on a change. */
export interface SourceFeed extends AsyncDisposable {
  /** What a new screen of a creator is sent; undefined if it comes to the whole room soon. */
  hear(creatorId: string): SourcesHeard | undefined
}

/** Creators it reports on, and their screens. */
export interface SourceFeedOf {
  /** The currently watched creators. */
  readonly watched: () => readonly string[]
  /** Sends to everyone who watches a creator. */
  readonly tell: (heard: SourcesHeard) => void
}
