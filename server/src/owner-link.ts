// npm run owner-link: for an owner who can no longer sign in.
import { migrate } from '@creatorflow/db/migrate'
import { openDatabase } from '@creatorflow/db/open'
import { ConfigError, loadConfig } from './config.ts'
import { mintOwnerLink } from './identity/access/owner-link.ts'

try {
  const { databaseUrl, dataDir, publicUrl, port } = loadConfig()
  await using database = await openDatabase({
    ...(databaseUrl !== undefined && { databaseUrl }),
    dataDir,
  })
  await migrate(database)
  const link = await mintOwnerLink(database, publicUrl ?? `http://localhost:${port}`)
  console.log(`Open this link within an hour to become an owner (it works once):\n\n  ${link}\n`)
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
