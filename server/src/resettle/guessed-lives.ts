import type { Attribution } from '@creatorflow/shared/numbered-event'

/** Numbers of one block: 256 kB. */
const BLOCK = 65_536

/** The LIVE of each event that does not name one: four bytes per event. */
export interface GuessedLives {
  set(seq: number, sessionId: string | null, attribution: Attribution | null): void
  get(seq: number): { readonly session_id: string | null; readonly attribution: Attribution | null }
}

/** Empty: no event's LIVE is known. */
export function guessedLives(): GuessedLives {
  const blocks = new Map<number, Uint32Array>()
  const numbers = new Map<string, number>()
  const sessions: string[] = []
  const numberOf = (sessionId: string): number => {
    const known = numbers.get(sessionId)
    if (known !== undefined) return known
    numbers.set(sessionId, sessions.length)
    return sessions.push(sessionId) - 1
  }
  return {
    set(seq, sessionId, attribution) {
      const at = Math.floor(seq / BLOCK)
      const block = blocks.get(at) ?? new Uint32Array(BLOCK)
      blocks.set(at, block)
      // 0 is no LIVE; the lowest bit distinguishes an order's LIVE from a guess by time.
      const isOfOrder = attribution === 'order' ? 1 : 0
      block[seq % BLOCK] = sessionId === null ? 0 : 2 * (numberOf(sessionId) + 1) + isOfOrder
    },
    get(seq) {
      const value = blocks.get(Math.floor(seq / BLOCK))?.[seq % BLOCK] ?? 0
      if (value === 0) return { session_id: null, attribution: null }
      // Safe: only numbers of known LIVEs are set.
      const session_id = sessions[(value >> 1) - 1] as string
      return { session_id, attribution: value & 1 ? 'order' : 'time' }
    },
  }
}
