import { variable, whole, wholeMs, wholeS } from './variable.ts'

/** What screens are sent, and what they may cost. */
export const liveVariables = {
  COALESCE_INTERVAL_MS: variable(
    wholeMs(10, 1_000),
    '100',
    'ms',
    'Least time between two updates of one creator.',
  ),
  HEAD_INTERVAL_MS: variable(wholeMs(50), '500', 'ms', 'Time between two heads of a creator.'),
  POLL_INTERVAL_MS: variable(
    wholeMs(50),
    '500',
    'ms',
    'Time between two questions to the database about creators that the bus is silent on.',
  ),
  TAIL_RETENTION_S: variable(
    wholeS(10),
    '900',
    's',
    'How long the newest events are kept in the tail that screens catch up from.',
  ),
  TAIL_HOLD_S: variable(
    wholeS(10),
    '3600',
    's',
    'How long a checkpoint keeps the tail after it whole, when no newer checkpoint follows.',
  ),
  CHECKPOINT_EVENTS: variable(
    whole(1),
    '5000',
    'events',
    'Events of a creator after which its live state is stored again.',
  ),
  CHECKPOINT_INTERVAL_S: variable(
    wholeS(1),
    '30',
    's',
    'Time after which the live state of a creator with fewer new events is stored again.',
  ),
  MAX_SOCKETS: variable(whole(1), '5000', 'sockets', 'Most open sockets of this process.'),
  MAX_SOCKETS_PER_IP: variable(whole(1), '200', 'sockets', 'Most open sockets of one address.'),
  SOCKET_RECHECK_MS: variable(
    wholeMs(100),
    '50000',
    'ms',
    'Time after which each socket is checked against the database again, whatever the bus told.',
  ),
  MAX_WATCHES_PER_SOCKET: variable(
    whole(1),
    '32',
    'creators',
    'Most creators that one socket may watch.',
  ),
  MAX_FOLLOWED_CREATORS: variable(
    whole(1),
    '500',
    'creators',
    'Most creators whose live state this process holds at once.',
  ),
  MAX_WATCHED_CREATORS: variable(
    whole(0),
    '400',
    'creators',
    'Followed creators past which features begin to watch no more; the rest of MAX_FOLLOWED_CREATORS is for screens.',
  ),
  WATCH_INTERVAL_MS: variable(
    wholeMs(100),
    '1000',
    'ms',
    'Time between two looks of a feature at a creator that it watches.',
  ),
  LIVE_CACHE_BYTES: variable(
    whole(0),
    '33554432',
    'bytes',
    'Memory of this process for LIVEs that were read from the log, measured as JSON. When exceeded, the least recently used go first.',
  ),
  SOCKET_DIRTY_BYTES: variable(
    whole(1_024),
    '262144',
    'bytes',
    'Unread bytes past which a socket gets no more updates, but one snapshot when it has read them.',
  ),
  SOCKET_CUT_BYTES: variable(
    whole(1_024),
    '1048576',
    'bytes',
    'Unread bytes past which a socket is disconnected.',
  ),
  SOCKET_CUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Time that a socket may stay behind before it is disconnected.',
  ),
}
