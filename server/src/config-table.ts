import { configMarkdown } from './config.ts'

// Prints docs/CONFIG.md: `node server/src/config-table.ts > docs/CONFIG.md`.
process.stdout.write(configMarkdown())
