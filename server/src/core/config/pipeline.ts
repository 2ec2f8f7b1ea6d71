import { variable, whole, wholeMs } from './variable.ts'

/** How events are batched and told on. */
export const pipelineVariables = {
  MAX_QUEUED_EVENTS: variable(
    whole(1),
    '50000',
    'events',
    'Events that may wait to be written, and as many again for creators that are locked; past it a request is answered 503.',
  ),
  BUSY_CREATOR_WAIT_MS: variable(
    wholeMs(0),
    '30000',
    'ms',
    'How long events may wait while their creator is locked, for example during a recount; past it they are answered 503.',
  ),
  MAX_BATCH_EVENTS: variable(
    whole(1),
    '2000',
    'events',
    'Most events in one write transaction; the embedded database takes 500 at most.',
  ),
  MAX_REDIS_MESSAGE_BYTES: variable(
    whole(0),
    '65536',
    'bytes',
    'Largest wake-up that carries its events; past it only the head is sent.',
  ),
  RESETTLE_DELAY_MS: variable(
    wholeMs(0),
    '2000',
    'ms',
    'Time from an event that came too late for its LIVE or pin until the log is settled again.',
  ),
}
