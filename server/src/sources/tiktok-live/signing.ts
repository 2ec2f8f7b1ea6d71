import { partOf } from '../tiktok/values.ts'
import { ConnectorError } from './connector.ts'

const DETAIL_CHARACTERS = 300

export interface SignReply {
  readonly status: number
  readonly headers: object
  readonly data: unknown
}

/**
 * Records the sign server's answers: the library keeps nothing of some refusals, and takes one of them for
 * its own failure.
 */
export function watchSigning(
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are passed on as they are.
  sign: { rooms: { fetchWebcastURL(...given: any[]): Promise<any> } },
  key: string | undefined,
): () => ConnectorError | undefined {
  let refusal: ConnectorError | undefined
  const { rooms } = sign
  const ask = rooms.fetchWebcastURL.bind(rooms)
  rooms.fetchWebcastURL = async (...given) => {
    const reply: SignReply = await ask(...given)
    refusal = refusalOf(reply, key)
    return reply
  }
  return () => refusal
}

/** Why the sign server refused, in its own words without our key; undefined if it did not. */
export function refusalOf(
  { status, headers, data }: SignReply,
  key: string | undefined,
): ConnectorError | undefined {
  if (status === 200) return undefined
  const words = [String(status), messageIn(data)].filter(Boolean).join(': ')
  const detail = (key ? words.replaceAll(key, '…') : words).slice(0, DETAIL_CHARACTERS)
  if (status === 429) {
    const seconds = Number(partOf(headers, 'retry-after'))
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined
    return new ConnectorError('rate_limited', detail, retryAfterMs)
  }
  const isPaid = status === 401 || status === 402 || status === 403
  return new ConnectorError(isPaid ? 'payment_required' : 'sign_server', detail)
}

function messageIn(data: unknown): string {
  try {
    // Safe: anything but bytes becomes a text that is not JSON.
    const message = partOf(JSON.parse(Buffer.from(data as ArrayBuffer).toString()), 'message')
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}
