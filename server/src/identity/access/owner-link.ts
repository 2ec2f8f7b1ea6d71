import type { Database } from '@creatorflow/db/database'
import { linkUrl, mintLink } from './links.ts'

/** A link that makes whoever opens it an owner of the installation; only for the machine's terminal. */
export async function mintOwnerLink(database: Database, base: string): Promise<string> {
  const { token } = await mintLink(database, 'welcome')
  return linkUrl(base, 'welcome', token)
}
