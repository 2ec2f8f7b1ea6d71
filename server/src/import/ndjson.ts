import type { Format } from './format.ts'
import { linesOf } from './lines.ts'

/** Events in our own format, one JSON object a line. */
export const ndjson: Format = {
  about: 'events of this server’s own format, one JSON object a line',
  prepare: () => async (path) => {
    let bytesRead = 0
    return {
      get bytesRead() {
        return bytesRead
      },
      async *items() {
        for await (const { number: row, text, end } of linesOf(path)) {
          bytesRead = end
          let value: unknown
          try {
            value = JSON.parse(text)
          } catch (error) {
            yield {
              kind: 'rejected',
              row,
              column: '',
              reason: `no JSON: ${(error as Error).message}`,
            }
            continue
          }
          if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
            yield { kind: 'event', row, value: value as Readonly<Record<string, unknown>> }
          } else yield { kind: 'rejected', row, column: '', reason: 'no JSON object' }
        }
      },
    }
  },
}
