import { createRandom } from './random.ts'

/** The same items in another order. */
export function shuffle<T>(seed: number | string, items: Iterable<T>): T[] {
  const random = createRandom(`shuffle/${seed}`)
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.between(0, i)
    const kept = shuffled[i] as T
    shuffled[i] = shuffled[j] as T
    shuffled[j] = kept
  }
  return shuffled
}

/** The same items with some repeated later in the list: each with probability `share`. */
export function withDuplicates<T>(seed: number | string, items: Iterable<T>, share = 0.1): T[] {
  const random = createRandom(`duplicates/${seed}`)
  const result: T[] = []
  for (const item of items) {
    result.push(item)
    if (result.length > 0 && random.chance(share)) result.push(random.pick(result))
  }
  return result
}
