import type { Endpoint } from '@creatorflow/shared/endpoint'
import type { IRouter } from 'express'
import type { Job } from '../core/job.ts'
import type { Watch } from '../core/watch.ts'
import type { Answer } from './answer.ts'

export interface Routes {
  readonly router: IRouter
  readonly answer: Answer
  /** Adds an endpoint mounted without `answer` to the API reference. */
  readonly describe: (endpoint: Endpoint) => void
}

/** One folder under `features/` (or `identity/`), created with its dependencies. */
export interface Feature extends Partial<AsyncDisposable> {
  /** Unique, in lower case with hyphens. */
  readonly name: string
  mount?(routes: Routes): void
  /** Its scheduled jobs; run by processes with the role `jobs`. */
  readonly jobs?: readonly Job[]
  /** Watches LIVEs without an open screen; owned by one process with the role `jobs` at a time. */
  readonly watch?: Watch
}
