// Loaded before the server, with --expose-gc: on SIGUSR2 what nothing holds any more is collected, so that the rest can be weighed.
const gc = globalThis.gc as unknown as (options: object) => void
process.on('SIGUSR2', () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }))
