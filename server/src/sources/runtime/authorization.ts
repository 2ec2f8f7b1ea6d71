import { randomBytes } from 'node:crypto'
import { hashSecret, secretMatches } from '../../core/rights/api-key-form.ts'
import type { Sealer } from '../../core/seal.ts'

/** One person's attempt to authorize this server for a source; it travels to the service and back as the `state`. */
export interface Attempt {
  readonly kind: string
  readonly creatorId: string
  /** Null while a new source is connected. */
  readonly sourceId: string | null
  /** Who began it; null for the local owner. */
  readonly userId: string | null
  /** Hash of what the browser keeps: in another browser the attempt is worthless. */
  readonly browser: string
  readonly redirectUri: string
  /** Epoch ms. */
  readonly until: number
}

export const ATTEMPT_MS = 10 * 60_000
/** Encrypted for this purpose alone, so nothing else encrypted can be used here. */
const context = 'source authorization'

/** The state that starts an attempt, and what the browser has to keep until it returns. */
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

/** The attempt of a state; undefined if this server did not create it. */
export function attemptOf(sealer: Sealer, state: unknown): Attempt | undefined {
  if (typeof state !== 'string') return undefined
  try {
    // Safe: sealed by `beginAttempt`, which alone uses this context.
    return JSON.parse(sealer.open(Buffer.from(state, 'base64url'), context)) as Attempt
  } catch {
    return undefined
  }
}

/** Whether the returning browser is the one that began. */
export const isSameBrowser = ({ browser }: Attempt, kept: string): boolean =>
  secretMatches(kept, browser)
