import { untrack } from 'svelte'
import { MediaQuery } from 'svelte/reactivity'
import { COUNT_UP_MS, countedTo } from './count-up.ts'

const still = new MediaQuery('(prefers-reduced-motion: reduce)')

/**
 * A whole number that counts up to what `target` gives, for a component to draw as it likes. It is there at once on
 * first sight, when it falls, under reduced motion, and in a tab that nobody looks at.
 */
export function countUp(target: () => number): { readonly shown: number } {
  let shown = $state(untrack(target))
  let goal = shown
  let frame = 0

  $effect(() => {
    const to = target()
    if (to === goal) return
    const from = untrack(() => shown)
    goal = to
    cancelAnimationFrame(frame)
    if (to < from || still.current || document.visibilityState !== 'visible') {
      shown = to
      return
    }
    const begun = performance.now()
    const step = (now: number) => {
      const ms = now - begun
      shown = countedTo(from, to, ms)
      if (ms < COUNT_UP_MS) frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
  })
  $effect(() => () => cancelAnimationFrame(frame))

  return {
    get shown() {
      return shown
    },
  }
}
