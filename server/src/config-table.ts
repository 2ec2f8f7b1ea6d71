import { configMarkdown } from './config.ts'

// Prints the table of the README: `npx node server/src/config-table.ts`.
console.log(configMarkdown())
