import { statfsSync } from 'node:fs'

/** PostgreSQL extends its log by a segment of 16 MB, and stops for good if it cannot. */
const NEEDED_BYTES = 32 * 1024 * 1024

/** Bytes this process may still write on the disk of `folder`; undefined if unknown. */
export function freeBytesOf(folder: string): number | undefined {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder)
    return blocks === 0 ? undefined : bavail * bsize
  } catch {
    return undefined
  }
}

/** Whether the disk of `folder` has too little room for the embedded database. */
export function isOutOfRoom(folder: string): boolean {
  const free = freeBytesOf(folder)
  return free !== undefined && free < NEEDED_BYTES
}
