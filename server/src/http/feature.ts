import type { Endpoint } from '@creatorflow/shared/endpoint'
import type { IRouter } from 'express'
import type { Job } from '../core/job.ts'
import type { Watch } from '../core/watch.ts'
import type { Answer } from './answer.ts'

export interface Routes {
  readonly router: IRouter
  readonly answer: Answer
  /** Puts an endpoint into the API reference that is mounted without `answer`. */
  readonly describe: (endpoint: Endpoint) => void
}

/** One folder under `features/` (or `identity/`), made with what it needs. */
export interface Feature extends Partial<AsyncDisposable> {
  /** Unique, in lower case with hyphens. */
  readonly name: string
  mount?(routes: Routes): void
  /** What it does by the clock; run by processes with the role `jobs`. */
  readonly jobs?: readonly Job[]
  /** Looks at LIVEs without an open screen; one process with the role `jobs` has it at a time. */
  readonly watch?: Watch
}
