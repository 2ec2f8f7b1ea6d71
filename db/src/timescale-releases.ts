/** What a release of TimescaleDB may not support yet, and what to write if it does. */
const options = {
  /** The default of ten buckets per pass reads the chunks of the log once per pass. */
  refreshInOnePass: { since: [2, 28], text: `, options => '{"buckets_per_batch": 0}'` },
  policyInOnePass: { since: [2, 19], text: ', buckets_per_batch => 0' },
} as const satisfies Record<string, { since: readonly [number, number]; text: string }>

export type ReleaseOption = keyof typeof options

/** An option at the end of an argument list; empty if the release lacks it. `release`: such as `2.29.2`. */
export function releaseOption(name: ReleaseOption, release: string): string {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  const { since, text } = options[name]
  const has = major > since[0] || (major === since[0] && minor >= since[1])
  return has ? text : ''
}
