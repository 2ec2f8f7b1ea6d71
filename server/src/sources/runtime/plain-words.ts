import type { z } from 'zod'

/** Network library messages, and what they mean. */
const meanings: readonly (readonly [RegExp, (host: string) => string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN|EAI_FAIL|ENODATA/,
    (host) => `This server couldn't find ${host}. Check its internet connection and DNS.`,
  ],
  [/ECONNREFUSED/, (host) => `${host} refused the connection.`],
  [/ENETUNREACH|EHOSTUNREACH|ENETDOWN/, (host) => `This server has no route to ${host}.`],
  [
    /ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w*TIMEOUT|\btimed? ?out\b|\btimeout\b/i,
    (host) => `${host} didn't respond in time.`,
  ],
  [
    /ECONNRESET|ECONNABORTED|EPIPE|socket hang up|other side closed|UND_ERR_SOCKET/,
    (host) => `${host} closed the connection.`,
  ],
  [
    /CERT_|_CERT|certificate|EPROTO|\bSSL\b|\bTLS\b/i,
    (host) => `The TLS certificate of ${host} couldn't be verified.`,
  ],
  [/fetch failed|network error/i, (host) => `${host} couldn't be reached.`],
  [
    /Unexpected token|is not valid JSON|Unexpected end of JSON|Cannot read propert|is not a function|is not iterable|(?:of|is) undefined/,
    (host) => `${host} sent an answer that this server can't read.`,
  ],
]

const aHost =
  /(?:https?:\/\/)?((?:[a-z0-9-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}|localhost)(?::\d+)?/i

/** The detail of a problem without driver wording; a service's own words stay. */
export function plainWords(detail: string): string {
  const parts = detail.split('; ').map(plainPart)
  return [...new Set(parts)].join(' ')
}

function plainPart(part: string): string {
  const status = /(?:Unexpected server response|status code):? (\d{3})\b/i.exec(part)
  if (status) return `The server returned status ${status[1]}.`
  // An API's own answer: its words help.
  if (/\bHTTP \d{3}, code\b/.test(part)) return part
  const meant = meanings.find(([pattern]) => pattern.test(part))
  if (!meant) return part
  const host = aHost.exec(part)?.[1] ?? 'the service'
  const words = meant[1](host)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What is wrong with a payload, by field, without schema wording. */
export function wordsOfIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .slice(0, 3)
    .map((issue) => {
      const path = issue.path.map(String).join('.') || 'The body'
      return `${path}: ${flawOf(issue)}`
    })
    .join('; ')
}

function flawOf({ code, message }: z.core.$ZodIssue): string {
  if (code !== 'invalid_type' && code !== 'invalid_union') {
    return message.startsWith('Invalid') || message.startsWith('Too')
      ? 'has an invalid value'
      : message
  }
  return /received (undefined|null)$/.test(message) ? 'is missing' : 'has the wrong type'
}
