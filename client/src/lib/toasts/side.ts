/** Where toasts stand: at the right edge, unless somebody uses what they would cover there. */
export type Side = 'right' | 'left'

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What three toasts cover with their distance from the edges, pixels. */
const COVERED = { width: 368, height: 340 } as const

/** The side for toasts that come up now; `used` is what pointer and focus are on. */
export function sideOf(
  window: { readonly width: number; readonly height: number },
  used: readonly Box[],
): Side {
  const below = used.filter(({ bottom }) => bottom > window.height - COVERED.height)
  const isRightUsed = below.some(({ right }) => right > window.width - COVERED.width)
  const isLeftUsed = below.some(({ left }) => left < COVERED.width)
  return isRightUsed && !isLeftUsed ? 'left' : 'right'
}
