import { Writable } from 'node:stream'
import { createLog, type Log } from '../src/core/log.ts'

/** A log of everything, down to `trace`, whose lines are kept. */
export function createKeptLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { log: createLog({ level: 'trace', stream }), lines }
}
