import { variable, whole } from './variable.ts'

/** What one creator may use of this process. */
export const quotasVariables = {
  MAX_EVENTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '10000',
    'events/s',
    'Events that one creator may send to this process, over 10 s; past it senders wait or get 429. 0 is no limit.',
  ),
  MAX_REQUESTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '100',
    'requests/s',
    'REST requests about one creator to this process, over 10 s; past it 429. 0 is no limit.',
  ),
  MAX_SOCKETS_PER_CREATOR: variable(
    whole(0),
    '3000',
    'sockets',
    'Most sockets of this process that watch one creator; past it 429. 0 is no limit.',
  ),
}
