import { MediaQuery } from 'svelte/reactivity'
import { quiet } from '#lib/switches.svelte.ts'

/** What is felt when it happens. */
export type Occasion = 'goal' | 'minute'

export const CELEBRATION_MS = 1_800

const still = new MediaQuery('(prefers-reduced-motion: reduce)')
let occasion = $state.raw<Occasion | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

/** Begins a short celebration, once: not under reduced motion, nor for who does not want to be disturbed. */
export function celebrate(of: Occasion): void {
  if (still.current || quiet.on) return
  clearTimeout(timer)
  occasion = of
  timer = setTimeout(() => {
    occasion = null
  }, CELEBRATION_MS)
}

/** What is celebrated now. */
export const celebration = {
  get of() {
    return occasion
  },
}
