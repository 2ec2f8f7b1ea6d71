import type { Endpoint } from '@creatorflow/shared/endpoint'
import type { AlertsHeard, SourcesHeard } from '@creatorflow/shared/socket'
import type { IRouter } from 'express'
import type { Job } from '../core/job.ts'
import type { Readiness } from '../core/readiness.ts'
import type { Watch } from '../core/watch.ts'
import type { Answer } from './answer.ts'

export interface Routes {
  readonly router: IRouter
  readonly answer: Answer
  /** Adds an endpoint mounted without `answer` to the API reference. */
  readonly describe: (endpoint: Endpoint) => void
}

/** What screens are told beside the numbers, by the name of its event. */
export interface Told {
  readonly sources: SourcesHeard
  readonly alerts: AlertsHeard
}

export type Tell = <K extends keyof Told>(event: K, heard: Told[K]) => void

/** The screens of this node. */
export interface Screens {
  /** Creators that somebody watches. */
  readonly watched: () => readonly string[]
  /** Sends to everyone who watches the creator of a message. */
  readonly tell: Tell
}

/** Tells screens about their creator, after a watch and on a change. */
export interface ScreenFeed extends AsyncDisposable {
  /** A screen began to watch: tells it alone what is known, or the whole room soon. */
  greet(creatorId: string, answer: Tell): void
}

export type OpenScreenFeed = (screens: Screens) => ScreenFeed

/** One folder under `features/` (or `identity/`), created with its dependencies. */
export interface Feature extends Partial<AsyncDisposable> {
  /** Unique, in lower case with hyphens. */
  readonly name: string
  mount?(routes: Routes): void
  /** Its scheduled jobs; run by processes with the role `jobs`. */
  readonly jobs?: readonly Job[]
  /** Watches LIVEs without an open screen; owned by one process with the role `jobs` at a time. */
  readonly watch?: Watch
  /** Tells screens more than numbers; opened by processes with the role `gateway`. */
  readonly openFeed?: OpenScreenFeed
  /** Starts work that never ends; called once by each process with the role `jobs`, which disposes it. */
  readonly worker?: () => AsyncDisposable
  /** Its own parts of `/readyz`: nothing while all is well. */
  readonly readiness?: () => Promise<Readiness['parts']>
}
