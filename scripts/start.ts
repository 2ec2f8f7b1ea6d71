import { existsSync } from 'node:fs'
import { buildClient, isClientStale } from './client-build.ts'

// Not --env-file-if-exists: it prints a line if there is none.
if (existsSync('.env')) process.loadEnvFile('.env')
if (isClientStale() && !buildClient()) process.exit(1)
// The same process, so Ctrl-C reaches the server itself.
await import('../server/src/main.ts')
