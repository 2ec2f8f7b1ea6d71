import { variable, whole, wholeMs, wholeS } from './variable.ts'

/** What screens receive, and what they may cost. */
export const liveVariables = {
  COALESCE_INTERVAL_MS: variable(
    wholeMs(10, 1_000),
    '100',
    'ms',
    'Minimum time between two updates of a creator.',
  ),
  HEAD_INTERVAL_MS: variable(
    wholeMs(50),
    '500',
    'ms',
    'Interval at which the head of a creator is sent.',
  ),
  POLL_INTERVAL_MS: variable(
    wholeMs(50),
    '500',
    'ms',
    'How often the database is checked for creators without messages on the bus.',
  ),
  TAIL_RETENTION_S: variable(
    wholeS(10),
    '900',
    's',
    'How long events are kept in the tail, from which screens catch up.',
  ),
  TAIL_HOLD_S: variable(
    wholeS(10),
    '3600',
    's',
    'How long a checkpoint protects the tail after it, if no newer checkpoint follows.',
  ),
  CHECKPOINT_EVENTS: variable(
    whole(1),
    '5000',
    'events',
    'New events of a creator after which a checkpoint of its live state is stored.',
  ),
  CHECKPOINT_INTERVAL_S: variable(
    wholeS(1),
    '30',
    's',
    'Time after which a checkpoint is stored for a creator with fewer new events.',
  ),
  MAX_SOCKETS: variable(whole(1), '5000', 'sockets', 'Maximum open sockets of this process.'),
  MAX_SOCKETS_PER_IP: variable(
    whole(1),
    '200',
    'sockets',
    'Maximum open sockets per network address.',
  ),
  SOCKET_RECHECK_MS: variable(
    wholeMs(100),
    '50000',
    'ms',
    'How often each socket’s access is rechecked in the database.',
  ),
  MAX_WATCHES_PER_SOCKET: variable(whole(1), '32', 'creators', 'Maximum creators per socket.'),
  MAX_FOLLOWED_CREATORS: variable(
    whole(1),
    '500',
    'creators',
    'Maximum creators followed by this process at once.',
  ),
  MAX_WATCHED_CREATORS: variable(
    whole(0),
    '400',
    'creators',
    'Followed creators beyond which features start no new watches; the rest of MAX_FOLLOWED_CREATORS is reserved for screens.',
  ),
  WATCH_INTERVAL_MS: variable(
    wholeMs(100),
    '1000',
    'ms',
    'How often a feature checks a creator it watches.',
  ),
  LIVE_CACHE_BYTES: variable(
    whole(0),
    '33554432',
    'bytes',
    'Memory for LIVEs read from the event log, measured as JSON. When exceeded, the least recently used are evicted first.',
  ),
  SOCKET_DIRTY_BYTES: variable(
    whole(1_024),
    '262144',
    'bytes',
    'Unread bytes beyond which a socket gets no updates; once it catches up, it gets one snapshot.',
  ),
  SOCKET_CUT_BYTES: variable(
    whole(1_024),
    '1048576',
    'bytes',
    'Unread bytes beyond which a socket is disconnected.',
  ),
  SOCKET_CUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Time a socket may stay behind before it is disconnected.',
  ),
}
