import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The parts of a `.cpuprofile` that are used here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const SHOWN = 25

/** For each CPU profile of a folder, the functions with the most self time, as text. */
export function costliestFunctions(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))
  return files
    .map((file) => {
      const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile
      const lines = selfTimes(profile)
        .slice(0, SHOWN)
        .map(({ name, ms }) => `${String(Math.round(ms)).padStart(8)} ms  ${name}`)
      return [`${join(folder, file)}:`, ...lines].join('\n')
    })
    .join('\n\n')
}

/** Self time of each function, most expensive first. */
export function selfTimes(profile: CpuProfile): { name: string; ms: number }[] {
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.split('/').slice(-2).join('/')
      return [id, `${functionName || '(anonymous)'} ${file}${file && `:${lineNumber + 1}`}`]
    }),
  )
  const times = new Map<string, number>()
  profile.samples.forEach((node, index) => {
    const name = names.get(node) ?? '?'
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000)
  })
  return [...times].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms)
}
