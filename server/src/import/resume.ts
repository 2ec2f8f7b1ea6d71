import { createHash } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Tally } from './tally.ts'

/** Where an interrupted import stopped, kept beside its file. */
export interface Bookmark {
  /** Items of the file that the server has accounted for. */
  readonly done: number
  /** Their outcome. */
  readonly tally: Tally
}

export interface BookmarkFile {
  read(): Promise<Bookmark | undefined>
  write(bookmark: Bookmark): Promise<void>
  clear(): Promise<void>
}

interface Written extends Bookmark {
  readonly of: string
}

/**
 * The bookmark of one import: this file as it is now, into this creator of this server, read this way. If
 * nothing can be written beside the file, `onUnwritable` is called once and an interrupted import starts
 * over.
 */
export async function bookmarkOf(
  path: string,
  creatorId: string,
  how: unknown,
  onUnwritable: (reason: string) => void,
): Promise<BookmarkFile> {
  const file = `${path}.${creatorId}.import`
  const { size, mtimeMs } = await stat(path)
  const of = createHash('sha256')
    .update(JSON.stringify([resolve(path), size, mtimeMs, creatorId, how]))
    .digest('hex')
  let isWritable = true
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      const written = text === undefined ? undefined : parse(text)
      return written?.of === of ? written : undefined
    },
    async write({ done, tally }) {
      if (!isWritable) return
      const written: Written = { of, done, tally }
      try {
        // Renamed into place, so it is complete whenever the import is interrupted.
        await writeFile(`${file}.new`, JSON.stringify(written))
        await rename(`${file}.new`, file)
      } catch (error) {
        isWritable = false
        onUnwritable((error as Error).message)
      }
    },
    async clear() {
      await rm(file, { force: true })
    },
  }
}

function parse(text: string): Written | undefined {
  try {
    const value = JSON.parse(text) as Partial<Written> | null
    // The newest member: without it an earlier release wrote it.
    const isBookmark =
      Number.isSafeInteger(value?.done) && typeof value?.tally?.restated === 'object'
    return isBookmark ? (value as Written) : undefined
  } catch {
    // Anything else is not a bookmark: the import starts over, which is harmless.
    return undefined
  }
}
