import { variable, whole } from './variable.ts'

/** What one creator may use of this process. */
export const quotasVariables = {
  MAX_EVENTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '10000',
    'events/s',
    'Events per second allowed per creator on this process, averaged over 10 s; beyond that, senders wait or get 429. 0 means no limit.',
  ),
  MAX_REQUESTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '100',
    'requests/s',
    'REST requests per second allowed per creator on this process, averaged over 10 s; beyond that, 429. 0 means no limit.',
  ),
  MAX_SOCKETS_PER_CREATOR: variable(
    whole(0),
    '3000',
    'sockets',
    'Maximum sockets per creator on this process; beyond that, 429. 0 means no limit.',
  ),
}
