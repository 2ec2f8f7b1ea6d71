import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { ImportRules } from '@creatorflow/shared/features/import'
import { onTestFinished } from 'vitest'

export interface Received {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** How the stand-in answers the n-th request to `/api/v1/events`; undefined means like a good server. */
export type Answer = (
  n: number,
) => { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined

const rules = () => ({
  currency: 'USD',
  time_zone: 'UTC',
  now: new Date().toISOString(),
  accepts_since: '2016-01-01T00:00:00.000Z',
  shops: [],
})

/** A server that counts every id once, like the real one, and keeps what it was sent. */
export async function standIn(
  answer: Answer = () => undefined,
  reject?: (event: IncomingEvent) => boolean,
  /** What it knows of each creator besides its id. */
  known: Partial<ImportRules> = {},
) {
  const requests: Received[] = []
  const ids = new Set<string>()
  const creators = new Set<string>()
  const events: IncomingEvent[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    request.setEncoding('utf8')
    for await (const chunk of request) body += chunk
    const { url = '', headers } = request
    requests.push({ url, headers, body })
    const reply = (status: number, value: unknown, more = {}) =>
      response.writeHead(status, more).end(JSON.stringify(value))
    if (url === '/api/v1/creators') {
      const { id } = JSON.parse(body)
      if (creators.has(id)) return reply(409, { error: { code: 'conflict', message: 'exists' } })
      creators.add(id)
      return reply(201, {})
    }
    const asked = /^\/api\/v1\/creators\/([^/]+)\/import-rules$/.exec(url)?.[1]
    if (asked !== undefined) {
      if (!creators.has(asked)) return reply(404, { error: { code: 'not_found', message: '' } })
      return reply(200, { creator_id: asked, ...rules(), ...known })
    }
    const told = answer(requests.filter((other) => other.url.startsWith('/api/v1/events')).length)
    if (told) {
      const error = { code: 'unavailable', message: 'the database is away' }
      return reply(told.status, { error }, told.headers)
    }
    const account = {
      accepted: 0,
      duplicates: 0,
      duplicate_indexes: [] as number[],
      superseded: 0,
      conflicts: [],
      rejected: [] as unknown[],
    }
    body
      .split('\n')
      .filter((line) => line !== '')
      .forEach((line, index) => {
        const event = JSON.parse(line) as IncomingEvent
        if (reject?.(event)) {
          account.rejected.push({ index, code: 'ts_too_old', message: 'before 2016' })
        } else if (ids.has(event.id)) {
          account.duplicates++
          account.duplicate_indexes.push(index)
        } else {
          ids.add(event.id)
          events.push(event)
          account.accepted++
        }
      })
    reply(200, account)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
  onTestFinished(close)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** The actions it was asked for, without the queries. */
  const told = () => requests.filter(({ url: path }) => !path.endsWith('/import-rules'))
  return { url, requests, told, events, creators, close }
}
