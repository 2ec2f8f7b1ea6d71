import { statfsSync } from 'node:fs'

/** PostgreSQL adds a segment of 16 MB to its log at once, and stops working for good where it cannot. */
const NEEDED_BYTES = 32 * 1024 * 1024

/** Bytes that this process may still write on the disk of `folder`; undefined where the system does not say. */
export function freeBytesOf(folder: string): number | undefined {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder)
    return blocks === 0 ? undefined : bavail * bsize
  } catch {
    return undefined
  }
}

/** Whether the disk of `folder` has too little room for the embedded database to go on. */
export function isOutOfRoom(folder: string): boolean {
  const free = freeBytesOf(folder)
  return free !== undefined && free < NEEDED_BYTES
}
