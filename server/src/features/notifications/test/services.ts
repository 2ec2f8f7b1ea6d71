import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'

// What the services document of their own limits, written down from their references, not from our code.

const slackText = z.object({
  type: z.enum(['mrkdwn', 'plain_text']),
  text: z.string().min(1).max(3_000),
})
const slackBlock = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    text: z.object({ type: z.literal('plain_text'), text: z.string().min(1).max(150) }),
  }),
  z.strictObject({ type: z.literal('section'), text: slackText }),
  z.strictObject({ type: z.literal('context'), elements: z.array(slackText).min(1).max(10) }),
])
const slack = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(slackBlock).min(1).max(50),
  unfurl_links: z.boolean(),
})

const discord = z
  .strictObject({
    content: z.string().min(1).max(2_000).optional(),
    embeds: z
      .array(
        z.strictObject({
          title: z.string().min(1).max(256),
          description: z.string().min(1).max(4_096).optional(),
          url: z.url().optional(),
          color: z.int().min(0).max(0xffffff),
          timestamp: z.iso.datetime(),
          footer: z.strictObject({ text: z.string().min(1).max(2_048) }),
        }),
      )
      .min(1)
      .max(10),
    allowed_mentions: z.strictObject({ parse: z.array(z.never()) }),
  })
  .refine(
    ({ embeds }) =>
      embeds.reduce(
        (sum, { title, description = '', footer }) =>
          sum + title.length + description.length + footer.text.length,
        0,
      ) <= 6_000,
    { error: 'the embeds have more than 6,000 characters' },
  )

const telegram = z.strictObject({
  chat_id: z.string().min(1),
  text: z.string().min(1).max(4_096).refine(isTelegramHtml, { error: 'can’t parse entities' }),
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
})

/** Only known tags, each closed, and every other `<`, `>` and `&` escaped. */
function isTelegramHtml(text: string): boolean {
  const open: string[] = []
  const rest = text.replace(/<(\/?)(b|i|a)(?: href="([^"<>]*)")?>/g, (_, end, tag) => {
    if (end && open.pop() !== tag) open.push('broken')
    if (!end) open.push(tag)
    return ''
  })
  return open.length === 0 && !/[<>]/.test(rest) && !/&(?!(lt|gt|amp|quot);)/.test(rest)
}

export const documented = { slack, discord, telegram }

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads is checked by its expectations.
  readonly json: any
}

/** What a stand-in answers: a status, with headers and a body if they matter. */
export interface Answered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly received: Received[]
  /** What it answers from now on; undefined never answers. */
  answer: (request: Received) => Answered | undefined
}

/** Something on this machine that is sent to: a webhook, or a service that refuses what its documents forbid. */
export async function startReceiver(
  is: 'webhook' | keyof typeof documented = 'webhook',
): Promise<Receiver> {
  const received: Received[] = []
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request)
    const isJson = String(request.headers['content-type']).includes('json')
    const got: Received = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      json: isJson ? JSON.parse(body.toString()) : undefined,
    }
    received.push(got)
    const wrong = is === 'webhook' ? undefined : documented[is].safeParse(got.json).error
    const answer = wrong ? { status: 400, body: z.prettifyError(wrong) } : receiver.answer(got)
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: () => ({ status: 200 }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}
