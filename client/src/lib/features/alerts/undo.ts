import type { Failure } from '@creatorflow/shared/errors'

/** Something that was done, and how it is taken back. */
export interface Done {
  readonly said: string
  readonly undo: () => Promise<Failure | null>
}
