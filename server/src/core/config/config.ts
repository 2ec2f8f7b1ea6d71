import { isLoopback } from '../rights/local-owner.ts'
import { httpVariables } from './http.ts'
import { identityVariables } from './identity.ts'
import { liveVariables } from './live.ts'
import { pipelineVariables } from './pipeline.ts'
import { quotasVariables } from './quotas.ts'
import { retentionVariables } from './retention.ts'
import { serverVariables } from './server.ts'
import { sourcesVariables } from './sources.ts'
import type { ConfigOf } from './variable.ts'

/** Every variable except those of single kinds of sources, which bring their own. */
export const coreVariables = {
  ...serverVariables,
  ...identityVariables,
  ...httpVariables,
  ...pipelineVariables,
  ...liveVariables,
  ...quotasVariables,
  ...retentionVariables,
  ...sourcesVariables,
}

/** As in the environment. */
export type GivenConfig = ConfigOf<typeof coreVariables>
export interface Config extends Omit<GivenConfig, 'trustedProxyHops'> {
  readonly trustedProxyHops: number
}

/** What a variable requires of others. */
export interface ConfigRule {
  readonly variable: keyof typeof coreVariables
  readonly error: string
  readonly holds: (config: GivenConfig) => boolean
}

export const configRules: readonly ConfigRule[] = [
  {
    variable: 'BOOTSTRAP_API_KEY',
    error: 'needs BOOTSTRAP_CREATOR, the creator the key is for',
    holds: (config) => !config.bootstrapApiKey || config.bootstrapCreator !== undefined,
  },
  {
    variable: 'SMTP_URL',
    error: 'needs PUBLIC_URL, so links in e-mails always point to this server',
    holds: (config) => !config.smtpUrl || config.publicUrl !== undefined,
  },
  {
    variable: 'OIDC_ISSUER',
    error: 'needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
    holds: (config) =>
      !config.oidcIssuer ||
      (config.oidcClientId !== undefined && config.oidcClientSecret !== undefined),
  },
  {
    variable: 'OIDC_ISSUER',
    error: 'needs PUBLIC_URL, the address the identity provider redirects to',
    holds: (config) => !config.oidcIssuer || config.publicUrl !== undefined,
  },
  // A wrong guess is worse than a question: with 0 behind a proxy one stranger locks everyone out.
  {
    variable: 'TRUSTED_PROXY_HOPS',
    error:
      'must be set together with PUBLIC_URL: the number of proxies in front of this server, or 0 if browsers connect directly',
    holds: (config) => config.trustedProxyHops !== undefined || !isElsewhere(config.publicUrl),
  },
]

/** Whether an address has a name other than this machine's. */
export function isElsewhere(url: string | undefined): boolean {
  if (url === undefined) return false
  const { hostname } = new URL(url)
  return !isLoopback(hostname) && !hostname.endsWith('.localhost')
}
