import type { Failure, Result } from '@creatorflow/shared/errors'
import type { Replies, RequestName, Requests } from '@creatorflow/shared/socket'
import { requestSchemas } from '@creatorflow/shared/socket-requests'
import { AppError, toFailure } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { LiveSocket } from './live-socket.ts'

/**
 * Handlers of requests. An answer is a function called at the moment of sending: between reading a state and
 * sending it nothing may change it.
 */
export type Handlers = {
  readonly [K in RequestName]: (input: Requests[K]) => Promise<() => Replies[K]>
}

const BURST = 20
const REQUESTS_PER_SECOND = 5
const STRIKES = 3

/** Requests that a socket may still make at once, refilled over time. */
interface Allowance {
  /** False if there is none left. */
  spend(): boolean
  /** Refusals so far. */
  readonly strikes: number
}

/**
 * The one entry of all socket requests: rate, name, schema, handler, answer. A null input, a missing ack, an
 * unknown name or a throw must not end the process.
 */
export function dispatch(
  socket: LiveSocket,
  handlers: Handlers,
  deps: { readonly log: Log; readonly telemetry: Telemetry; readonly onFlood: () => void },
): void {
  const allowance = createAllowance()
  // Before any listener, so that unknown names count too.
  socket.use((packet: readonly unknown[]) => {
    const ack = packet.at(-1)
    const reply = (result: Result<unknown>) => {
      if (typeof ack === 'function' && socket.connected) ack(result)
    }
    handle(packet[0], packet[1])
      .then(
        (answer) => reply({ ok: true, value: answer() }),
        (error: unknown) => reply({ ok: false, error: failureOf(error) }),
      )
      .catch((error: unknown) => reply({ ok: false, error: failureOf(error) }))
  })

  async function handle(name: unknown, input: unknown): Promise<() => Replies[RequestName]> {
    if (!allowance.spend()) {
      if (allowance.strikes >= STRIKES) deps.onFlood()
      throw new AppError('too_many', 'Too many requests on this connection.', {
        retryAfterMs: 1_000,
      })
    }
    if (!isRequest(name)) throw new AppError('invalid_input', 'Unknown request.')
    return answer(name, input)
  }

  function answer<K extends RequestName>(name: K, input: unknown): Promise<() => Replies[K]> {
    // Safe: the schema of a name parses to the input of that name.
    return handlers[name](requestSchemas[name].parse(input) as Requests[K])
  }

  function failureOf(error: unknown): Failure {
    const failure = toFailure(error, deps.log)
    deps.telemetry.count('failures_total', { code: failure.code })
    return failure
  }
}

function isRequest(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requestSchemas, name)
}

function createAllowance(): Allowance {
  let left = BURST
  let at = performance.now()
  let strikes = 0
  return {
    spend() {
      const now = performance.now()
      left = Math.min(BURST, left + ((now - at) / 1000) * REQUESTS_PER_SECOND)
      at = now
      if (left < 1) {
        strikes++
        return false
      }
      left--
      return true
    },
    get strikes() {
      return strikes
    },
  }
}
