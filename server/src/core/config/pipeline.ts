import { variable, whole, wholeMs } from './variable.ts'

/** How events are batched and published. */
export const pipelineVariables = {
  MAX_QUEUED_EVENTS: variable(
    whole(1),
    '50000',
    'events',
    'Events that may wait to be written, and again as many for locked creators; beyond that, requests get 503.',
  ),
  BUSY_CREATOR_WAIT_MS: variable(
    wholeMs(0),
    '30000',
    'ms',
    'How long events may wait while their creator is locked, for example during re-attribution; after that, requests get 503.',
  ),
  MAX_BATCH_EVENTS: variable(
    whole(1),
    '2000',
    'events',
    'Maximum events in one write transaction; the embedded database allows at most 500.',
  ),
  MAX_REDIS_MESSAGE_BYTES: variable(
    whole(0),
    '65536',
    'bytes',
    'Maximum size of a bus message that carries events; larger ones carry only the head.',
  ),
  RESETTLE_DELAY_MS: variable(
    wholeMs(0),
    '2000',
    'ms',
    'Delay between an event that is too late for its LIVE or pin and the re-attribution of the log.',
  ),
  RECOUNT_ANSWER_MS: variable(
    wholeMs(0),
    '5000',
    'ms',
    'How long a request that changes a time zone or currency waits for the recount. A longer one goes on in the background.',
  ),
}
