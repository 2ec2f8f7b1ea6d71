import { basic, listOf, optional, origin, variable, whole, wholeMs } from './variable.ts'

/** Limits of requests. */
export const httpVariables = {
  ALLOWED_ORIGINS: basic(
    variable(
      listOf(origin),
      '',
      'list of URLs',
      'Other origins whose pages may use this server’s sign-ins, separated by commas.',
    ),
  ),
  TRUSTED_PROXY_HOPS: basic(
    optional(
      whole(0, 10),
      'proxies',
      'Number of proxies in front of this server whose forwarding headers are trusted; 0 if browsers connect directly. Required with a `PUBLIC_URL` that is not on this machine.',
    ),
  ),
  REQUEST_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '30000',
    'ms',
    'Time a caller has to send a whole request.',
  ),
  MAX_BODY_BYTES: variable(
    whole(1_000),
    '1000000',
    'bytes',
    'Maximum size of a JSON body, after decompression.',
  ),
  MAX_EVENTS_PER_JSON: variable(whole(1), '10000', 'events', 'Maximum events in one JSON array.'),
  MAX_LINE_BYTES: variable(whole(1_000), '65536', 'bytes', 'Maximum length of an NDJSON line.'),
  MAX_LINES: variable(whole(1), '100000', 'lines', 'Maximum lines in one NDJSON request.'),
  MAX_DECOMPRESSED_BYTES: variable(
    whole(1_000),
    '268435456',
    'bytes',
    'Maximum size of an NDJSON request, after decompression.',
  ),
  MAX_GZIP_RATIO: variable(
    whole(2),
    '100',
    'times',
    'Maximum compression ratio of a gzipped body, beyond the first megabyte.',
  ),
  MAX_SKIPPED_BYTES: variable(
    whole(1_000),
    '16777216',
    'bytes',
    'Maximum bytes of one NDJSON request in blank lines and lines longer than MAX_LINE_BYTES.',
  ),
}
