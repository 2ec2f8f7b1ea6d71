import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const clientBuild = join(import.meta.dirname, '../../../client/build')

/** Kilobytes (1,000 bytes) of the script files at these addresses, gzipped, each counted once. */
export function gzippedKb(urls: Iterable<string>, build = clientBuild): number {
  const paths = new Set([...urls].map((url) => new URL(url).pathname))
  let bytes = 0
  for (const path of paths) {
    if (path.endsWith('.js')) bytes += gzipSync(readFileSync(join(build, path))).length
  }
  return bytes / 1_000
}
