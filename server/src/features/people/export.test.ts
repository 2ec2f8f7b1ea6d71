import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'

describe.each(databases())('exporting a person on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const take = async (creatorId: string, userId: string) => {
    const path = `/api/v1/creators/${creatorId}/people/${encodeURIComponent(userId)}`
    const reply = await ask(app.port, 'GET', path, app.owner)
    const lines = reply.text.split('\n').filter(Boolean)
    return { reply, lines: lines.map((line) => JSON.parse(line)) }
  }

  test('[PRIVACY-3] exports everything of the person (name, texts, events) and nothing of anyone else', async () => {
    const { id, key } = await app.newCreator()
    const event = (who: string, n: number) => ({
      id: `${who} ${n}`,
      type: n % 2 ? 'comment' : 'like',
      user_id: who,
      user: { handle: who, name: `Name of ${who}` },
      // Many at one moment, so pages have to split them.
      ts: Date.UTC(2026, 9, 20, 12, 0, Math.floor(n / 900)),
      properties: { text: `word ${n} of ${who}` },
    })
    const events = Array.from({ length: 2_600 }, (_, n) => [event('anna 1/ä', n), event('ben', n)])
    const { json } = await app.post(events.flat(), { key })
    expect(json).toMatchObject({ accepted: 5_200 })
    await app.post(
      [
        {
          id: 'bought',
          type: 'payment_completed',
          customer_id: 'anna 1/ä',
          amount: 5,
          order_id: 'o',
        },
      ],
      { key },
    )
    const { reply, lines } = await take(id, 'anna 1/ä')
    expect(reply.status).toBe(200)
    expect(reply.headers['content-disposition']).toBe('attachment; filename="person.ndjson"')
    expect(lines[0]).toMatchObject({ kind: 'person', name: 'Name of anna 1/ä' })
    const of = (kind: string) => lines.filter((line) => line.kind === kind)
    expect(new Set(of('comment').map(({ text }) => text)).size).toBe(1_300)
    expect(of('comment')).toHaveLength(1_300)
    expect(of('event')).toHaveLength(2_601)
    expect(of('event').at(-1)).toMatchObject({ type: 'payment_completed', amount: 5 })
    expect(reply.text).not.toContain('ben')
    const audit = await ask(app.port, 'GET', `/api/v1/audit?creator_id=${id}`, app.owner)
    expect(audit.json.entries[0]).toMatchObject({ action: 'person.exported', target: 'anna 1/ä' })
  })

  test('[PRIVACY-3] an unknown person gives an empty file; an unknown creator is 404', async () => {
    const { id } = await app.newCreator()
    expect(await take(id, 'nobody')).toMatchObject({ reply: { status: 200 }, lines: [] })
    const reply = await ask(app.port, 'GET', '/api/v1/creators/none/people/x', app.owner)
    expect(reply.status).toBe(404)
  })
})
