import { randomBytes } from 'node:crypto'
import { hashSecret, secretMatches } from '../../core/rights/api-key-form.ts'
import type { Sealer } from '../../core/seal.ts'

/** One attempt of a person to authorize this server for a source; it travels to the service and back as the `state`. */
export interface Attempt {
  readonly kind: string
  readonly creatorId: string
  readonly sourceId: string
  /** Who began it; null for the owner at the machine. */
  readonly userId: string | null
  /** Hash of what the browser keeps: in another browser the attempt is worth nothing. */
  readonly browser: string
  readonly redirectUri: string
  /** Epoch ms. */
  readonly until: number
}

export const ATTEMPT_MS = 10 * 60_000
/** Sealed for this alone, so that nothing else that was sealed can stand for it. */
const context = 'source authorization'

/** The state that begins an attempt, and what the browser has to keep until it comes back. */
export function beginAttempt(
  sealer: Sealer,
  of: Omit<Attempt, 'browser' | 'until'>,
  now: number,
): { readonly state: string; readonly kept: string } {
  const kept = randomBytes(32).toString('base64url')
  const attempt: Attempt = { ...of, browser: hashSecret(kept), until: now + ATTEMPT_MS }
  const sealed = sealer.seal(JSON.stringify(attempt), context)
  return { state: Buffer.from(sealed).toString('base64url'), kept }
}

/** The attempt of a state; undefined when this server did not make it. */
export function attemptOf(sealer: Sealer, state: unknown): Attempt | undefined {
  if (typeof state !== 'string') return undefined
  try {
    // Safe: sealed by `beginAttempt`, which alone uses this context.
    return JSON.parse(sealer.open(Buffer.from(state, 'base64url'), context)) as Attempt
  } catch {
    return undefined
  }
}

/** Whether the browser that came back is the one that began. */
export const isSameBrowser = ({ browser }: Attempt, kept: string): boolean =>
  secretMatches(kept, browser)
