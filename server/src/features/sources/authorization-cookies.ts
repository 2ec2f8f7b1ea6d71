import type { Config } from '../../core/config/config.ts'
import type { Sealer } from '../../core/seal.ts'
import type { Attempt } from '../../sources/runtime/authorization.ts'
import type { Secrets } from '../../sources/runtime/source.ts'

type Whose = Pick<Attempt, 'creatorId' | 'sourceId'>

/** Longer than an attempt: otherwise someone who returns late could not be told from a stranger. */
const KEPT_S = 3_600
/** Where the browser is sent back to, and the only path that needs its cookie. */
const RETURN_PATH = '/api/v1/sources'
const context = 'source being connected'

export type AuthorizationCookies = ReturnType<typeof authorizationCookies>

/** What a browser keeps of an authorization; secrets in it are encrypted. */
export function authorizationCookies(sealer: Sealer, { publicUrl }: Pick<Config, 'publicUrl'>) {
  const secure = publicUrl?.startsWith('https:') ? '; Secure' : ''
  const cookie = (name: string, value: string, path: string, maxAgeS: number) =>
    `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax${secure}; Max-Age=${maxAgeS}`
  const nameOf = ({ creatorId, sourceId }: Whose) =>
    sourceId === null ? `cf_connect_${creatorId}` : `cf_authorize_${sourceId}`
  const choicePath = (creatorId: string) => `/api/v1/creators/${creatorId}/sources/authorized`
  const choiceName = 'cf_choose'

  return {
    nameOf,
    /** Kept until it returns: a random half of the attempt, and what was entered for a new source. */
    keep(whose: Whose, kept: string, entered: Secrets): string {
      const more = Object.keys(entered).length > 0 ? `.${sealed(entered)}` : ''
      return cookie(nameOf(whose), kept + more, RETURN_PATH, KEPT_S)
    },
    clear: (whose: Whose): string => cookie(nameOf(whose), '', RETURN_PATH, 0),
    read(value: string | undefined): { readonly kept?: string; readonly entered: Secrets } {
      const [kept, more] = (value ?? '').split('.')
      // Safe: sealed by `keep`.
      const entered = (more ? (opened(more) ?? {}) : {}) as Secrets
      return { ...(kept && { kept }), entered }
    },
    /** What was authorized, while one of its accounts is chosen. */
    keepChoice: (creatorId: string, choice: object, maxAgeS: number): string =>
      cookie(choiceName, sealed(choice), choicePath(creatorId), maxAgeS),
    clearChoice: (creatorId: string): string => cookie(choiceName, '', choicePath(creatorId), 0),
    choiceName,
    opened,
  }

  function sealed(value: object): string {
    return Buffer.from(sealer.seal(JSON.stringify(value), context)).toString('base64url')
  }

  /** Undefined for anything that this server did not seal. */
  function opened(text: string): unknown {
    try {
      return JSON.parse(sealer.open(Buffer.from(text, 'base64url'), context))
    } catch {
      return undefined
    }
  }
}
