import type { Database } from '@creatorflow/db/database'
import type { Redis } from 'ioredis'
import type { Config } from '../core/config/config.ts'
import type { Log } from '../core/log.ts'
import { createSealer } from '../core/seal.ts'
import type { Feature } from '../http/feature.ts'
import type { Access } from './access/access.ts'
import { createAttempts } from './access/attempts.ts'
import { createBrowser } from './access/browser.ts'
import { createKnownBrowsers } from './access/known-browser.ts'
import { createPasswordHasher } from './access/password-hash.ts'
import { createAccessFeature } from './access/routes.ts'
import { createSecondFactor } from './access/totp.ts'
import { createAuditFeature } from './audit/index.ts'
import { createMail } from './mail/mail.ts'
import { createOidc, oidcPaths } from './oidc/oidc.ts'
import { createOidcFeature } from './oidc/oidc-routes.ts'
import { createTeamFeature } from './team/routes.ts'

export interface AccountsDeps {
  readonly database: Database
  readonly access: Access
  readonly config: Config
  readonly log: Log
  /** Counts attempts for all nodes; without it each counts alone. */
  readonly redis?: Redis
}

/** Everything about people and their access, from the first owner to the audit log. */
export function createAccountFeatures(deps: AccountsDeps): Feature[] {
  const { database, access, config, log } = deps
  const { publicUrl } = config
  const attempts = createAttempts(config, deps.redis)
  const passwords = createPasswordHasher()
  const sealer = createSealer(config)
  const knownBrowsers = createKnownBrowsers(sealer, log)
  const browser = createBrowser({ database, access, known: knownBrowsers, config })
  const letters = createMail(config, log)
  const oidc = createOidc(config)
  const known = { database, access, attempts, browser, passwords }
  return [
    createAccessFeature({
      ...known,
      known: knownBrowsers,
      log,
      secondFactor: createSecondFactor(sealer),
      mail: letters && publicUrl !== undefined ? { letters, publicUrl } : null,
      oidc: oidc && { label: oidc.label, url: oidcPaths.start },
    }),
    createTeamFeature({ ...known, letters, publicUrl }),
    createAuditFeature({ database }),
    ...(oidc ? [createOidcFeature({ database, access, oidc, browser, sealer, config, log })] : []),
  ]
}
