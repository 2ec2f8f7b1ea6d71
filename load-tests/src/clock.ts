import { readFileSync } from 'node:fs'

/** Ms of the machine's monotonic clock: the same in every process, and nobody sets it. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}

/** Linux counts a process's CPU time in hundredths of a second, whatever its kernel was built with. */
const TICKS_PER_SECOND = 100

/** CPU seconds, user and system, used by a process with all its threads; null without /proc. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain anything, even a parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    // No such process, or no /proc: the caller reports it as unknown.
    return null
  }
}

/** Resident memory of a process in bytes; null without /proc. */
export function residentBytesOf(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kb === undefined ? null : Number(kb) * 1_024
  } catch {
    // As above.
    return null
  }
}

/** CPU that processes used while `work` ran, by name; null if unknown. */
export async function cpuDuring<T>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<T>,
): Promise<{ result: T; cpuSeconds: Record<string, number | null> }> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSecondsOf(pid)] as const)
  const result = await work()
  const used = before.map(([name, pid, started]) => {
    const ended = cpuSecondsOf(pid)
    return [name, started === null || ended === null ? null : round(ended - started)]
  })
  return { result, cpuSeconds: Object.fromEntries(used) }
}

const round = (seconds: number) => Math.round(seconds * 100) / 100
