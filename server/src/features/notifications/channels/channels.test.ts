import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaled } from '../../../../../scripts/test/long-run.ts'
import { documented } from '../test/services.ts'
import { discordBody } from './discord.ts'
import { alertLetter } from './email.ts'
import { headline, type Item, type Message, pathOf } from './message.ts'
import { outcomeOf } from './outcome.ts'
import { pushOf } from './push.ts'
import { slackBody } from './slack.ts'
import { telegramBody } from './telegram.ts'
import { signedHeaders, webhookBody } from './webhook.ts'

const item = (changes: Partial<Item> = {}): Item => ({
  id: 'e1.fired',
  kind: 'alert',
  transition: 'fired',
  severity: 'warning',
  title: 'Conversion low',
  text: 'CTR 4.1% < 6% for 3 min; 1,204 views',
  at: '2026-11-30T21:05:00.000Z',
  rule_id: 'r1',
  episode_id: 'e1',
  session_id: 'live-1',
  why: { kind: 'value', value: 4.1 },
  ...changes,
})
const message = (items: readonly Item[] = [item()], link: string | null = null): Message => ({
  id: 'd1',
  creator: { id: 'mia', name: 'Mia', timeZone: 'America/New_York' },
  items,
  path: pathOf('mia', items),
  link,
})

const nasty = fc
  .string({ unit: 'grapheme', maxLength: 300 })
  .chain((text) =>
    fc.constantFrom(
      text,
      `<!channel> ${text}`,
      `@everyone <@123> ${text}`,
      `</b><script>&amp;${text}`,
      `*_~\`|>#[x](javascript:1)${text}`,
      '"'.repeat(1_000),
      '&'.repeat(1_000),
      '\\'.repeat(1_000),
      '👩‍👩‍👧‍👦'.repeat(90),
      'line\nline\n'.repeat(90),
    ),
  )
const items = fc.array(
  fc.record({
    title: nasty.map((text) => text || 'x'),
    text: nasty,
    kind: fc.constantFrom('alert', 'insight', 'test'),
    transition: fc.constantFrom('fired', 'recovered'),
    severity: fc.constantFrom('info', 'warning', 'critical'),
  } satisfies Partial<Record<keyof Item, unknown>>),
  { minLength: 1, maxLength: 50 },
)
const anyMessage = fc
  .tuple(items, fc.constantFrom(null, 'https://live.example.com/c/mia?a=1&b="2"'))
  .map(([made, link]) =>
    message(
      made.map((one) => item(one)),
      link,
    ),
  )
const holds = (property: (of: Message) => void) =>
  fc.assert(fc.property(anyMessage, property), { numRuns: scaled(150, 3_000) })

describe('payloads', () => {
  test('[NOTIFY-2] whatever people write, Slack, Discord and Telegram accept it by their documents', () => {
    holds((of) => {
      expect(documented.slack.safeParse(slackBody(of)).error).toBeUndefined()
      expect(documented.discord.safeParse(discordBody(of)).error).toBeUndefined()
      expect(documented.telegram.safeParse(telegramBody(of, '-100')).error).toBeUndefined()
    })
  })

  test('[NOTIFY-2] no words of a title become a mention, a link or a mark', () => {
    const of = message([
      item({ title: '<!channel> @everyone [x](https://evil) *b*', text: '<@U1> <b>' }),
    ])
    const slack = JSON.stringify(slackBody(of))
    expect(slack).not.toMatch(/<!channel>|<@U1>/)
    const discord = discordBody(of) as { embeds: { title: string; description: string }[] }
    expect(JSON.stringify(discord)).not.toMatch(/@everyone|<@U1>/)
    expect(discord.embeds[0]?.title).toContain('\\[x\\]\\(https://evil\\) \\*b\\*')
    expect(telegramBody(of, '1')).toMatchObject({
      text: expect.stringContaining('&lt;!channel&gt;'),
    })
  })

  test('[NOTIFY-2] one alert says what, why, whose and when; several are listed', () => {
    const one = JSON.stringify(slackBody(message()))
    for (const words of ['Conversion low', 'CTR 4.1% &lt; 6% for 3 min', 'Mia, 4:05 PM']) {
      expect(one).toContain(words)
    }
    const end = item({ transition: 'recovered', title: 'Stock low' })
    expect(headline(message([end]))).toBe('Recovered: Stock low')
    expect(headline(message([item(), end]))).toBe('2 alerts for Mia')
    const many = message(Array.from({ length: 13 }, (_, n) => item({ title: `Rule ${n}` })))
    for (const body of [slackBody(many), discordBody(many), telegramBody(many, '1')]) {
      expect(JSON.stringify(body)).toContain('Rule 9')
      expect(JSON.stringify(body)).toContain('and 3 more')
      expect(JSON.stringify(body)).not.toContain('Rule 10')
    }
  })

  test('[NOTIFY-2] an e-mail has a subject of one line, and a push is far below the 4,096 bytes of push services', () => {
    holds((of) => {
      expect(alertLetter(of, 'a@example.com').subject).toMatch(/^[^\r\n]{1,150}$/)
      const push = JSON.stringify(pushOf(of))
      expect(Buffer.byteLength(push)).toBeLessThan(3_000)
    })
  })

  test('[NOTIFY-2] an alert and its end have one tag, so the end takes its place in the tray', () => {
    const fired = pushOf(message())
    expect(fired).toMatchObject({
      path: '/c/mia/alerts?episode=e1',
      tag: 'e1',
      title: '⚠️ Conversion low',
    })
    expect(pushOf(message([item({ transition: 'recovered' })])).tag).toBe('e1')
    expect(pushOf(message([item(), item()])).tag).toBe('d1')
  })
})

describe('webhooks', () => {
  // The example of the convention's own reference.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const given = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atMs: 1_614_265_330_000,
    body: '{"test": 2432232314}',
  }

  test('[NOTIFY-2] are signed as Standard Webhooks asks', () => {
    expect(signedHeaders([secret], given)).toEqual({
      'webhook-id': given.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
    const both = signedHeaders([secret, 'whsec_AAAA'], given)['webhook-signature']?.split(' ')
    expect(both).toHaveLength(2)
    expect(both?.[0]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('[NOTIFY-2] carry one alert with its numbers', () => {
    expect(webhookBody(message())).toEqual({
      type: 'alert.fired',
      timestamp: '2026-11-30T21:05:00.000Z',
      data: {
        id: 'e1.fired',
        creator_id: 'mia',
        rule_id: 'r1',
        episode_id: 'e1',
        session_id: 'live-1',
        severity: 'warning',
        title: 'Conversion low',
        text: 'CTR 4.1% < 6% for 3 min; 1,204 views',
        why: { kind: 'value', value: 4.1 },
        link: null,
      },
    })
    expect(webhookBody(message([item({ kind: 'insight' })]))).toMatchObject({ type: 'insight' })
  })
})

describe('answers', () => {
  const reading = {
    isFinal: (status: number) => status === 404,
    isGone: (status: number) => status === 410,
  }
  const now = Date.parse('2026-11-30T21:00:00Z')
  const of = (status: number, headers: Record<string, string> = {}, body = '') =>
    outcomeOf({ ok: true, status, headers, body }, reading, now)

  test.each([
    [200, 'sent'],
    [204, 'sent'],
    [301, 'refused'],
    [404, 'refused'],
    [410, 'gone'],
    [400, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
  ])('[NOTIFY-3] %i is %s', (status, outcome) => {
    expect(of(status)).toMatchObject({ outcome, status })
  })

  test('[NOTIFY-3] a wait that is asked for is read, in seconds or as a date', () => {
    expect(of(429, { 'retry-after': '7' }).retryAfterMs).toBe(7_000)
    expect(of(503, { 'retry-after': '0.5' }).retryAfterMs).toBe(500)
    const date = 'Mon, 30 Nov 2026 21:01:00 GMT'
    expect(of(503, { 'retry-after': date }).retryAfterMs).toBe(60_000)
    expect(of(503, { 'retry-after': 'Mon, 30 Nov 2026 20:00:00 GMT' }).retryAfterMs).toBe(0)
    expect(of(503, { 'retry-after': 'soon' }).retryAfterMs).toBeUndefined()
  })

  test('[NOTIFY-3] a forbidden address is final, one that does not answer is not', () => {
    const text = 'words'
    expect(outcomeOf({ ok: false, problem: 'forbidden', text }, reading, now).outcome).toBe(
      'refused',
    )
    expect(outcomeOf({ ok: false, problem: 'timeout', text }, reading, now).outcome).toBe('failed')
    expect(outcomeOf({ ok: false, problem: 'unreachable', text }, reading, now).outcome).toBe(
      'failed',
    )
    expect(of(500, {}, `a\u0000b\n${'x'.repeat(500)}`).text).toMatch(/^a b x+…$/)
  })
})
