import { type ToastInput, toastLimits } from './queue.ts'

/** Gifts that just came in, as the totals grew. */
export interface GiftStep {
  readonly at: number
  readonly gifts: number
  readonly diamonds: number
}

/** What is remembered of the gifts of one LIVE. */
export interface GiftMemory {
  readonly steps: readonly GiftStep[]
  /** When a burst was told last. */
  readonly toldAt: number
}

export const noGifts: GiftMemory = { steps: [], toldAt: Number.NEGATIVE_INFINITY }

/** Fewer than either is the usual run of a LIVE, and no news. */
const burst = { gifts: 50, diamonds: 1_000 } as const
/** A LIVE that lives on gifts has a burst every minute: that is no news either. */
export const GIFTS_AGAIN_MS = 5 * 60_000

/** The steps of the last seconds, and the toast when they are a burst: the first time all, then what was added. */
export function gatherGifts(
  { steps, toldAt }: GiftMemory,
  step: GiftStep,
): { readonly memory: GiftMemory; readonly toast: ToastInput | null } {
  const recent = [...steps, step].filter(({ at }) => step.at - at <= toastLimits.burstMs)
  const told = sumOf(recent.slice(0, -1))
  const sum = sumOf(recent)
  if (step.gifts <= 0 || !isBurst(sum)) {
    return { memory: { steps: recent, toldAt }, toast: null }
  }
  const goesOn = isBurst(told)
  const opens = !goesOn && step.at - toldAt > GIFTS_AGAIN_MS
  const { gifts, diamonds } = goesOn ? step : sum
  return {
    memory: { steps: recent, toldAt: opens ? step.at : toldAt },
    toast: {
      key: 'gifts',
      priority: 'notice',
      title: [],
      total: { count: gifts, worth: diamonds },
      why: step.at,
      ...(!opens && { joinsOnly: true }),
    },
  }
}

const isBurst = ({ gifts, diamonds }: Omit<GiftStep, 'at'>) =>
  gifts >= burst.gifts || diamonds >= burst.diamonds

function sumOf(steps: readonly GiftStep[]): Omit<GiftStep, 'at'> {
  return steps.reduce(
    (all, { gifts, diamonds }) => ({
      gifts: all.gifts + gifts,
      diamonds: all.diamonds + diamonds,
    }),
    { gifts: 0, diamonds: 0 },
  )
}
