import { buildClient } from './client-build.ts'

if (!buildClient()) process.exitCode = 1
