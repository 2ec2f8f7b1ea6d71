// npm run verify-projections: compares every derived table with what the event log gives. Writes nothing.
import { openDatabase } from '@creatorflow/db/open'
import { ConfigError, loadConfig } from './config.ts'
import { verifyAll } from './resettle/verify.ts'

try {
  const { databaseUrl, dataDir } = loadConfig()
  await using database = await openDatabase({
    ...(databaseUrl !== undefined && { databaseUrl }),
    dataDir,
  })
  process.exitCode = await verifyAll(database, console.log)
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
