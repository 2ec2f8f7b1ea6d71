import { randomInt } from 'node:crypto'
import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { Secret, TOTP } from 'otpauth'
import { AppError } from '../../core/errors.ts'
import { hashSecret } from '../../core/rights/api-key-form.ts'
import { OtherKeyError, type Sealer } from '../../core/seal.ts'

const periodS = 30
/** Steps before and after now whose code is accepted: clocks differ. */
const window = 1
const recoveryCodes = 10
/** Without similar letters and digits. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A user's second factor: codes of an authenticator app, and recovery codes on paper. */
export interface SecondFactor {
  /** A new secret; it counts once `confirm` has seen a code of it. */
  enrol(
    database: Queryable,
    user: { id: string; email: string },
  ): Promise<{ secret: string; uri: string }>
  /** Turns it on and returns the recovery codes, or null for a wrong code. */
  confirm(transaction: Queryable, userId: string, code: string): Promise<string[] | null>
  /** Accepts a code, once; null for a wrong one. */
  take(transaction: Queryable, userId: string, code: string): Promise<'app' | 'recovery' | null>
}

/** The context of a user's encrypted secret. */
export const totpContext = (userId: string) => `totp:${userId}`

export function createSecondFactor(sealer: Sealer, now: () => number = Date.now): SecondFactor {
  function secretIn(sealed: Uint8Array, userId: string): string {
    try {
      return sealer.open(sealed, totpContext(userId))
    } catch (error) {
      if (!(error instanceof OtherKeyError)) throw error
      throw new AppError(
        'conflict',
        'This server can’t verify your code: its SECRET_KEY has changed. Use a recovery code, or ask an owner to reset your two-factor authentication.',
        { cause: error },
      )
    }
  }

  /** The time step of a code, null if it belongs to none near now. */
  async function stepOf(database: Queryable, userId: string, code: string): Promise<number | null> {
    const [row] = await database.query<{ totp_secret: Uint8Array | null }>(
      sql`select totp_secret from users where id = ${userId}::uuid for no key update`,
    )
    if (!row?.totp_secret || !/^\d{6}$/.test(code)) return null
    const totp = totpOf(secretIn(row.totp_secret, userId))
    const timestamp = now()
    const delta = totp.validate({ token: code, timestamp, window })
    return delta === null ? null : Math.floor(timestamp / 1_000 / periodS) + delta
  }

  /** False if a code of this step or a later one was used before. */
  async function useStep(database: Queryable, userId: string, step: number): Promise<boolean> {
    const rows = await database.query(sql`
      update users set totp_step = ${step}::bigint where id = ${userId}::uuid and totp_step < ${step}::bigint
      returning 1 as one`)
    return rows.length > 0
  }

  return {
    async enrol(database, { id, email }) {
      const { base32 } = new Secret({ size: 20 })
      await database.query(sql`
        update users set totp_secret = ${sealer.seal(base32, totpContext(id))}, totp_confirmed_at = null
        where id = ${id}::uuid`)
      return { secret: base32, uri: totpOf(base32, email).toString() }
    },

    async confirm(transaction, userId, code) {
      const step = await stepOf(transaction, userId, code.replaceAll(' ', ''))
      if (step === null || !(await useStep(transaction, userId, step))) return null
      await transaction.query(
        sql`update users set totp_confirmed_at = now() where id = ${userId}::uuid`,
      )
      const codes = Array.from({ length: recoveryCodes }, mintRecoveryCode)
      await transaction.query(sql`delete from recovery_codes where user_id = ${userId}::uuid`)
      for (const recovery of codes) {
        await transaction.query(sql`
          insert into recovery_codes (user_id, code_hash)
          values (${userId}::uuid, decode(${hashOf(recovery)}, 'hex'))`)
      }
      return codes
    },

    async take(transaction, userId, code) {
      const step = await stepOf(transaction, userId, code.replaceAll(' ', ''))
      if (step !== null) return (await useStep(transaction, userId, step)) ? 'app' : null
      const used = await transaction.query(sql`
        delete from recovery_codes
        where user_id = ${userId}::uuid and code_hash = decode(${hashOf(code)}, 'hex') returning 1 as one`)
      return used.length > 0 ? 'recovery' : null
    },
  }
}

/** Turns the second factor of a user off. */
export async function removeSecondFactor(transaction: Queryable, userId: string): Promise<void> {
  await transaction.query(sql`
    update users set totp_secret = null, totp_confirmed_at = null where id = ${userId}::uuid`)
  await transaction.query(sql`delete from recovery_codes where user_id = ${userId}::uuid`)
}

export async function recoveryCodesLeft(database: Queryable, userId: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    sql`select count(*)::int as n from recovery_codes where user_id = ${userId}::uuid`,
  )
  return row?.n ?? 0
}

function totpOf(base32: string, label = 'account'): TOTP {
  return new TOTP({
    issuer: 'CreatorFlow Live',
    label,
    secret: Secret.fromBase32(base32),
    period: periodS,
    digits: 6,
    algorithm: 'SHA1',
  })
}

/** 15 characters, 74 bits: too many to guess, so a fast hash is enough. */
function mintRecoveryCode(): string {
  const letter = () => alphabet[randomInt(alphabet.length)]
  return [0, 1, 2].map(() => Array.from({ length: 5 }, letter).join('')).join('-')
}

function hashOf(recoveryCode: string): string {
  return hashSecret(recoveryCode.toLowerCase().replace(/[^a-z0-9]/g, ''))
}
