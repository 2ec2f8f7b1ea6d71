import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

export interface TextFile {
  readonly name: string
  /** As in `Content-Type`. */
  readonly type: string
}

/**
 * Answers with a file generated while it is sent, no faster than it is read. A failure before the first chunk
 * is thrown and can still be answered; a later one breaks the connection.
 */
export async function sendText(
  response: Response,
  { name, type }: TextFile,
  pieces: AsyncGenerator<string>,
): Promise<void> {
  const first = await pieces.next()
  response.set('Cache-Control', 'no-store')
  response.set('Content-Disposition', `attachment; filename="${name}"`)
  response.type(type)
  async function* all() {
    if (first.done) return
    yield first.value
    yield* pieces
  }
  try {
    await pipeline(Readable.from(all()), response)
  } catch (error) {
    // A reader who hangs up has what it wanted.
    if (!response.destroyed || response.writableAborted) throw error
  }
}
