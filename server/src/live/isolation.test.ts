import { expect, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { startApp } from '../../test/harness.ts'
import { codeOf, connect } from '../../test/live-client.ts'
import { sentEvents } from '../../test/live-events.ts'

const MESSAGES = scaled(3_000, 10_000)

test(`[P5] two creators: of ${MESSAGES} messages none reaches the other`, async () => {
  await using app = await startApp({ env: { COALESCE_INTERVAL_MS: '20', HEAD_INTERVAL_MS: '50' } })
  const both = [await app.newCreator(), await app.newCreator()]
  const clients = await Promise.all(
    Array.from({ length: 60 }, (_, i) => connect(app, both[i % 2]?.key)),
  )
  try {
    let messages = 0
    const foreign: string[] = []
    clients.forEach((client, i) => {
      const [own, other] = i % 2 ? [both[1], both[0]] : [both[0], both[1]]
      client.socket.onAny((name: string, message: unknown) => {
        messages++
        const text = JSON.stringify(message)
        if (!text.includes(`"${own?.id}"`) || text.includes(`secret-${other?.id}`)) {
          foreign.push(`${name} ${text.slice(0, 200)}`)
        }
      })
    })
    await Promise.all(
      clients.map(async (client, i) => {
        const [own, other] = i % 2 ? [both[1], both[0]] : [both[0], both[1]]
        expect(codeOf(await client.watch({ creator_id: own?.id ?? '' }))).toBe('ok')
        expect(codeOf(await client.watch({ creator_id: other?.id ?? '' }))).toBe('forbidden')
      }),
    )
    const until = performance.now() + 20_000
    while (messages < MESSAGES && performance.now() < until) {
      await Promise.all(
        both.map(({ id, key }) => app.post(sentEvents(id, 5, `secret-${id}`), { key })),
      )
    }
    expect(messages).toBeGreaterThanOrEqual(MESSAGES)
    expect(foreign).toEqual([])
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]()
  }
}, 60_000)
