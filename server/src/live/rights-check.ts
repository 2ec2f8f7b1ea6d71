import type { Log } from '../core/log.ts'
import { type Principal, sameRights } from '../core/rights/principal.ts'
import type { Access } from '../identity/access/access.ts'
import type { AccessChange } from '../identity/access/changes.ts'
import type { CutReason } from './farewell.ts'
import type { LiveSocket } from './live-socket.ts'

/** Cuts this node's sockets whose rights have ended or changed. */
export interface RightsCheck {
  /** Checks whether one socket still has its rights. */
  check(socket: LiveSocket): Promise<void>
  /** Finds what no message reported: the bus may lose everything. */
  checkAll(): Promise<void>
  cutExpired(): void
  /** A message about a user, a sign-in or a key. */
  hear(change: AccessChange): void
}

export interface RightsCheckDeps {
  readonly sockets: ReadonlyMap<string, LiveSocket>
  readonly access: Pick<Access, 'recheck'>
  readonly log: Log
  readonly cut: (socket: LiveSocket, reason: CutReason) => void
}

/** Sockets checked again at once: each may cost a database lookup. */
const CHECKS_AT_ONCE = 50

export function createRightsCheck({ sockets, access, log, cut }: RightsCheckDeps): RightsCheck {
  let isChecking = false

  async function check(socket: LiveSocket): Promise<void> {
    const before = socket.data.authentication
    try {
      const now = await access.recheck(before)
      if (!now) cut(socket, before.expiresAt <= Date.now() ? 'expired' : 'revoked')
      else if (!sameRights(now.principal, before.principal)) cut(socket, 'roles_changed')
      else socket.data.authentication = now
    } catch (error) {
      // The next round checks again.
      log.warn({ err: error }, 'failed to recheck a socket')
    }
  }

  return {
    check,
    async checkAll() {
      // Rounds must not pile up while the database is slow.
      if (isChecking) return
      isChecking = true
      const all = [...sockets.values()]
      for (let from = 0; from < all.length; from += CHECKS_AT_ONCE) {
        await Promise.all(all.slice(from, from + CHECKS_AT_ONCE).map(check))
      }
      isChecking = false
    },
    cutExpired() {
      const now = Date.now()
      for (const socket of sockets.values()) {
        if (socket.data.authentication.expiresAt <= now) cut(socket, 'expired')
      }
    },
    hear({ kind, id, reason }) {
      for (const socket of sockets.values()) {
        if (!isAbout(socket.data.authentication.principal, kind, id)) continue
        if (reason) cut(socket, reason)
        else void check(socket)
      }
    },
  }
}

function isAbout(principal: Principal, kind: AccessChange['kind'], id: string): boolean {
  if (principal.kind === 'key') return kind === 'key' && principal.keyId === id
  if (principal.kind !== 'user') return false
  return kind === 'user' ? principal.userId === id : kind === 'sign_in' && principal.signInId === id
}
