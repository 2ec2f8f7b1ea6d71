// Loaded before the server, with --expose-gc: SIGUSR2 collects garbage, so the rest can be measured.
const gc = globalThis.gc as unknown as (options: object) => void
process.on('SIGUSR2', () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }))
