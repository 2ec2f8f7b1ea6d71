import { basic, listOf, optional, origin, variable, whole, wholeMs } from './variable.ts'

/** What requests may hold. */
export const httpVariables = {
  ALLOWED_ORIGINS: basic(
    variable(
      listOf(origin),
      '',
      'list of URLs',
      'Other origins whose pages may use a sign-in of this server, separated by commas.',
    ),
  ),
  TRUSTED_PROXY_HOPS: basic(
    optional(
      whole(0, 10),
      'proxies',
      'How many proxies in front tell the address and protocol of a caller; 0 when browsers reach this server directly. Must be set with a `PUBLIC_URL` that is not on this machine.',
    ),
  ),
  REQUEST_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '30000',
    'ms',
    'Time that a caller has to send a whole request.',
  ),
  MAX_BODY_BYTES: variable(
    whole(1_000),
    '1000000',
    'bytes',
    'Largest JSON body, after decompression.',
  ),
  MAX_EVENTS_PER_JSON: variable(whole(1), '10000', 'events', 'Most events in one JSON array.'),
  MAX_LINE_BYTES: variable(whole(1_000), '65536', 'bytes', 'Longest line of NDJSON.'),
  MAX_LINES: variable(whole(1), '100000', 'lines', 'Most lines accepted from one NDJSON request.'),
  MAX_DECOMPRESSED_BYTES: variable(
    whole(1_000),
    '268435456',
    'bytes',
    'Most bytes that one NDJSON request may have, after decompression.',
  ),
  MAX_GZIP_RATIO: variable(
    whole(2),
    '100',
    'times',
    'How many times its compressed size a gzipped body may unpack to, past the first megabyte.',
  ),
  MAX_SKIPPED_BYTES: variable(
    whole(1_000),
    '16777216',
    'bytes',
    'Most bytes of one NDJSON request that may be blank or belong to lines longer than MAX_LINE_BYTES.',
  ),
}
