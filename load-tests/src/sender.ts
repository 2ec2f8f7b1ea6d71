import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import type { Address } from './server-process.ts'

/** Outcome of everything sent. */
export interface Account {
  accepted: number
  duplicates: number
  rejected: number
  requests: number
  /** Requests repeated after a 503. */
  retried: number
  /** The first rejection, in words: a bench with rejections measures something else. */
  firstReject?: string
}

export const emptyAccount = (): Account => ({
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  requests: 0,
  retried: 0,
})

export interface Sender {
  /** Sends one NDJSON body and adds its answer to the account; repeats on 503, throws on anything else. */
  send(body: Buffer, account: Account): Promise<void>
  close(): void
}

const RETRIES = 50

/** A sender with keep-alive connections. */
export function createSender({ url, key }: Address): Sender {
  const agent = new Agent({ keepAlive: true })
  return {
    async send(body, account) {
      for (let tries = 0; tries < RETRIES; tries++) {
        const { status, text } = await post({ url, key }, body, agent)
        account.requests++
        if (status === 200) return add(account, JSON.parse(text) as IngestAccount)
        if (status !== 503) throw new Error(`the server returned ${status}: ${text.slice(0, 300)}`)
        account.retried++
        await delay(50)
      }
      throw new Error(`the server returned 503 ${RETRIES} times`)
    },
    close: () => agent.destroy(),
  }
}

function add(account: Account, { accepted, duplicates, rejected }: IngestAccount): void {
  account.accepted += accepted
  account.duplicates += duplicates
  account.rejected += rejected.length
  const [first] = rejected
  if (first) account.firstReject ??= `${first.code}: ${first.message}`
}

function post(
  { url, key }: Address,
  body: Buffer,
  agent: Agent,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${url}/api/v1/events`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/x-ndjson',
          'content-length': body.length,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}
