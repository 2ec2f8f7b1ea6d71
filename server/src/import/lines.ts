import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

export interface Line {
  /** Counted from 1, blank lines too. */
  readonly number: number
  readonly text: string
  /** Bytes of the file up to about here. */
  readonly end: number
}

/** Reads the lines of a file that are not blank, holding a piece of it at a time. Throws when it cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  let pending = ''
  let number = 0
  let end = 0
  for await (const chunk of createReadStream(path)) {
    end += (chunk as Buffer).length
    const parts = (pending + decoder.write(chunk as Buffer)).split('\n')
    pending = parts.pop() ?? ''
    for (const text of parts) {
      number++
      if (text.trim() !== '') yield { number, text, end }
    }
  }
  pending += decoder.end()
  if (pending.trim() !== '') yield { number: number + 1, text: pending, end }
}
