import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino'

export type Log = Logger

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const secretFields = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'webhook-signature',
  'key',
  'token',
  'password',
  'secret',
]

/** pino matches `*` for one level only, so each field is listed at three depths. */
const redactedPaths = secretFields.flatMap((field) => {
  const quoted = `["${field}"]`
  return [quoted, `*${quoted}`, `*.*${quoted}`]
})

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go; standard output by default. */
  readonly stream?: DestinationStream
}

/** JSON lines with secrets redacted; a field named like a secret never leaves the process. */
export function createLog({ level, stream = standardOutput() }: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    stream,
  )
}

/** A silent log, for tests and tools. */
export function silentLog(): Log {
  return pino({ level: 'silent' })
}

function standardOutput(): DestinationStream {
  const stream = destination({ fd: 1, sync: true })
  // A full disk or a closed pipe behind standard output must not end the process.
  stream.on('error', () => {})
  return stream
}
