import type { Goal } from '@creatorflow/shared/features/goals'
import type { Baseline } from '@creatorflow/shared/insights/compare'
import type { LiveDetail, Totals } from '@creatorflow/shared/live-state'
import type { PresentedLive } from '@creatorflow/shared/present'
import { createContext } from 'svelte'
import type { Convention } from '#lib/format.ts'
import type { ProductTable } from '#lib/products/table.ts'

/**
 * Where panels stand: in the cockpit they show a LIVE as it happens, in a replay a moment of it, of which only what the log
 * says is known, and in a summary the whole of it.
 */
export type Surface = 'cockpit' | 'replay' | 'summary'

/** The LIVE that panels show. */
export interface ShownLive {
  readonly surface: Surface
  readonly creatorId: string
  readonly live: PresentedLive
  readonly detail: LiveDetail
  readonly totals: Totals
  readonly products: ProductTable
  /** Epoch ms: of the server, or of the replayed moment. */
  readonly now: number
  readonly convention: Convention
  /** Drawn in the colour of live data. */
  readonly trusted: boolean
  /** What it is compared with; null until it is known. */
  readonly baseline: Baseline | null
  /** What the LIVE is to reach; not known of a replay and a summary. */
  readonly goal?: Goal | null
}

/** Each panel reads what is shown now, so both give and take a function. */
export const [liveContext, provideLive] = createContext<() => ShownLive>()
