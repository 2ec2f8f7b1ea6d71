import { z } from 'zod'
import { type Config, configRules, coreVariables, type GivenConfig } from './core/config/config.ts'
import {
  type Description,
  descriptionOf,
  inCamelCase,
  type Variables,
} from './core/config/variable.ts'
import { featureVariables } from './features/index.ts'
import { type SourceConfig, sourceDefinitions } from './sources/index.ts'
import type { SourceDefinition } from './sources/runtime/definition.ts'

/** Features know the type of their own variables, and nobody else reads those. */
export type ServerConfig = Config & SourceConfig

/** Thrown by `loadConfig`; its message lists every wrong variable with the reason. */
export class ConfigError extends Error {}

const variablesOf = (definitions: readonly SourceDefinition[]): Variables =>
  Object.assign(
    {},
    coreVariables,
    ...definitions.map(({ variables }) => variables),
    featureVariables(),
  )

/**
 * Reads and checks the whole environment once, including the settings of these kinds of sources; nothing else
 * reads it.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  definitions: readonly SourceDefinition[] = sourceDefinitions,
): ServerConfig {
  // `PORT=` in an env file means "not set"; as a number it would silently be 0.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = schemaOf(definitions).safeParse(set)
  if (!parsed.success) {
    throw new ConfigError(`The configuration is invalid:\
${z.prettifyError(parsed.error)}`)
  }
  const given = inCamelCase(parsed.data) as unknown as GivenConfig & SourceConfig
  return Object.freeze({ ...given, trustedProxyHops: given.trustedProxyHops ?? 0 })
}

function schemaOf(definitions: readonly SourceDefinition[]) {
  return z.object(variablesOf(definitions)).superRefine((env, context) => {
    const given = inCamelCase(env) as unknown as GivenConfig
    for (const { variable, error, holds } of configRules) {
      if (!holds(given)) context.addIssue({ code: 'custom', path: [variable], message: error })
    }
  })
}

export interface ConfigRow extends Description {
  readonly name: string
}

/** Every variable with its unit, default and meaning, in the order of docs/CONFIG.md. */
export function configTable(): ConfigRow[] {
  return Object.entries(variablesOf(sourceDefinitions)).map(([name, variable]) => ({
    name,
    ...descriptionOf(name, variable),
  }))
}

/** docs/CONFIG.md. */
export function configMarkdown(): string {
  const { basic = [], advanced = [] } = Object.groupBy(configTable(), ({ isBasic }) =>
    isBasic ? 'basic' : 'advanced',
  )
  return `# Configuration

Set these in the environment or in \`.env\`. The server checks them at startup and reports every invalid one. With none of them
set, it listens on localhost only and uses an embedded database.

## Basic

${tableOf(basic)}

## Advanced

Limits, intervals and addresses. The defaults rarely need changes.

${tableOf(advanced)}
`
}

function tableOf(rows: readonly ConfigRow[]): string {
  const lines = rows.map(({ name, unit, fallback, text }) => {
    const shown = fallback === '' ? '–' : `\`${fallback}\``
    return `| \`${name}\` | ${unit} | ${shown} | ${text} |`
  })
  return ['| Variable | Unit | Default | Meaning |', '|---|---|---|---|', ...lines].join('\n')
}
