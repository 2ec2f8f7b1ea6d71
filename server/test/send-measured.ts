import { expect } from 'vitest'
import type { PostOptions, Reply, TestApp } from './harness.ts'

/** Half a second would be felt on every screen. */
const longestBlockMs = 150
/** A body may cost this many times the cost of parsing it as JSON here and now, which no server can avoid. */
const timesReading = 4
/** Share of a request's cost: without yielding it is all in one piece. */
const shareOfWhole = 1 / 4

/** Sends, and checks that the process was not blocked. */
export async function sendMeasured(
  app: TestApp,
  body: string | Uint8Array,
  options: PostOptions,
): Promise<Reply> {
  const readingMs = cpuMs(() => JSON.parse(String(body)))
  const start = process.threadCpuUsage()
  let longest = 0
  let before = start
  // In CPU time: other programs on the machine must not count.
  const probe = setInterval(() => {
    longest = Math.max(longest, cpuMsSince(before))
    before = process.threadCpuUsage()
  }, 1)
  const reply = await app.post(body, options)
  clearInterval(probe)
  const wholeMs = cpuMsSince(start)
  expect(longest).toBeLessThan(longestBlockMs + timesReading * readingMs + shareOfWhole * wholeMs)
  return reply
}

function cpuMs(work: () => unknown): number {
  const before = process.threadCpuUsage()
  try {
    work()
  } catch {
    // Most of these bodies are not JSON: only the time counts.
  }
  return cpuMsSince(before)
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

/** NDJSON of these items. */
export function toLines(...items: (string | Buffer)[]): Buffer {
  return Buffer.concat(items.flatMap((item) => [Buffer.from(item), Buffer.from('\n')]))
}
