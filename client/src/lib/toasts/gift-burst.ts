import { type ToastInput, toastLimits } from './queue.ts'

/** Gifts that just came in, as the totals grew. */
export interface GiftStep {
  readonly at: number
  readonly gifts: number
  readonly diamonds: number
}

/** Fewer than either is the usual run of a LIVE, and no news. */
const burst = { gifts: 10, diamonds: 500 } as const

/** The steps of the last seconds, and the toast when they are a burst: the first time all, then what was added. */
export function gatherGifts(
  steps: readonly GiftStep[],
  step: GiftStep,
): { readonly steps: readonly GiftStep[]; readonly toast: ToastInput | null } {
  const recent = [...steps, step].filter(({ at }) => step.at - at <= toastLimits.burstMs)
  const told = sumOf(recent.slice(0, -1))
  const sum = sumOf(recent)
  if (step.gifts <= 0 || !isBurst(sum)) return { steps: recent, toast: null }
  const { gifts, diamonds } = isBurst(told) ? step : sum
  return {
    steps: recent,
    toast: {
      key: 'gifts',
      priority: 'notice',
      title: [],
      total: { count: gifts, worth: diamonds },
      why: step.at,
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
