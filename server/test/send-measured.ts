import { expect } from 'vitest'
import type { PostOptions, Reply, TestApp } from './harness.ts'

/** Half a second would be felt on every screen. */
const longestBlockMs = 150
/** A body may cost this many times what reading it as JSON costs here and now, which no server can be spared. */
const timesReading = 4

/** Sends, and checks that the process did not stand still over it. */
export async function sendMeasured(
  app: TestApp,
  body: string | Uint8Array,
  options: PostOptions,
): Promise<Reply> {
  const readingMs = cpuMs(() => JSON.parse(String(body)))
  let longest = 0
  let before = process.threadCpuUsage()
  // In processor time: what other programs take of the machine is not this one's fault.
  const probe = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, (user + system) / 1_000)
    before = process.threadCpuUsage()
  }, 1)
  const reply = await app.post(body, options)
  clearInterval(probe)
  expect(longest).toBeLessThan(longestBlockMs + timesReading * readingMs)
  return reply
}

function cpuMs(work: () => unknown): number {
  const before = process.threadCpuUsage()
  try {
    work()
  } catch {
    // Most of these bodies are no JSON: only the time counts.
  }
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

/** NDJSON of these items. */
export function toLines(...items: (string | Buffer)[]): Buffer {
  return Buffer.concat(items.flatMap((item) => [Buffer.from(item), Buffer.from('\n')]))
}
