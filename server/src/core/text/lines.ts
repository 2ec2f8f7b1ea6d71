import type { TextFile } from './text.ts'

export interface Line {
  /** Counted from 1, blank lines too. */
  readonly number: number
  readonly text: string
  /** Bytes of the file up to about here. */
  readonly end: number
}

/** Reads the lines of a file that are not blank, holding a piece of it at a time. Throws when it cannot be read. */
export async function* linesOf(file: TextFile): AsyncGenerator<Line> {
  let pending = ''
  let number = 0
  let last = 0
  for await (const { text: piece, end } of file.pieces()) {
    const parts = (pending + piece).split('\n')
    pending = parts.pop() ?? ''
    last = end
    for (const text of parts) {
      number++
      if (text.trim() !== '') yield { number, text, end }
    }
  }
  if (pending.trim() !== '') yield { number: number + 1, text: pending, end: last }
}
