import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../figures.ts'
import { startLiveServer } from '../live-server.ts'
import type { Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'

const creatorId = 'deliveries'
const DELIVERIES = 1_000
const AT_ONCE = 50
const FLOOD_EVENTS = 500
const AMOUNT = 1_250
const PATIENCE_MS = 120_000
const secret = 'a secret of the bench'

/** How long a shop waits for its answer while events flood in; every answer must be 200 and counted once. */
export const deliveries: Scenario = async (context) => {
  await using running = await startLiveServer(context, 'deliveries')
  const { server } = running
  await server.createCreator(creatorId)
  await server.createCreator('flood')
  const path = await connectShop(server)
  const orders = Array.from({ length: DELIVERIES }, (_, n) => orderOf(n))
  let flooding = true
  let flooded = 0
  const flood = (async () => {
    for (let n = 0; flooding; n++) flooded += await sendLikes(server, n)
  })()
  const took: number[] = []
  const queue = [...orders]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let body = queue.pop(); body !== undefined; body = queue.pop()) {
        const started = performance.now()
        const { status } = await deliver(server, path, body)
        took.push(performance.now() - started)
        if (status !== 200) throw new Error(`a delivery was answered ${status}`)
      }
    }),
  )
  flooding = false
  await flood
  const countedMs = await untilCounted(server)
  took.sort((a, b) => a - b)
  const [half, p99, last] = [0.5, 0.99, 1].map((share) => percentile(took, share))
  context.say(`answered in ${half?.toFixed(0)} ms, the slowest in ${last?.toFixed(0)} ms`)
  return {
    figures: [
      { budget: 'delivery_answer', value: last ?? null },
      { label: 'the same, p99', unit: 'ms', value: p99 ?? null },
      { label: 'all counted after the last answer', unit: 'ms', value: countedMs },
    ],
    method:
      `${DELIVERIES} signed webhooks of a shop, ${AT_ONCE} at once, while another creator sends bodies of ` +
      `${FLOOD_EVENTS} events one after the other. Each must be answered 200; the sum of all orders must be exact.`,
    details: { backend: server.description, flooded, p50Ms: half, p99Ms: p99, slowestMs: last },
  }
}

async function connectShop(server: ServerProcess): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/creators/${creatorId}/sources`, {
    method: 'POST',
    headers: { ...server.owner.headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      kind: 'shopify',
      shop_domain: 'bench.myshopify.com',
      client_secret: secret,
    }),
  })
  if (!response.ok) throw new Error(`the shop was not connected: ${await response.text()}`)
  const { webhook_path } = (await response.json()) as { webhook_path: string }
  return webhook_path
}

function orderOf(n: number): string {
  const at = new Date().toISOString()
  return JSON.stringify({
    id: 1_000_000 + n,
    currency: 'USD',
    created_at: at,
    processed_at: at,
    financial_status: 'paid',
    taxes_included: false,
    line_items: [{ id: 2_000_000 + n, price: '12.50', quantity: 1, title: 'Mug' }],
  })
}

function deliver(server: ServerProcess, path: string, body: string): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/paid',
      'x-shopify-shop-domain': 'bench.myshopify.com',
      'x-shopify-webhook-id': createHmac('sha256', 'id').update(body).digest('hex'),
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    },
    body,
  })
}

async function sendLikes({ address }: ServerProcess, n: number): Promise<number> {
  const events = Array.from({ length: FLOOD_EVENTS }, (_, i) => ({
    id: `flood-${n}-${i}`,
    type: 'like',
    creator_id: 'flood',
    session_id: 'flood',
  }))
  const response = await fetch(`${address.url}/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${address.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  await response.arrayBuffer()
  return response.ok ? FLOOD_EVENTS : 0
}

/** Ms until the day's GMV includes all orders. */
async function untilCounted({ address }: ServerProcess): Promise<number> {
  const started = performance.now()
  let gmv = 0
  while (performance.now() - started < PATIENCE_MS) {
    const response = await fetch(`${address.url}/api/v1/creators/${creatorId}/live`, {
      headers: { authorization: `Bearer ${address.key}` },
    })
    const { state } = (await response.json()) as {
      state?: { days: Record<string, { totals: { gmv?: number } }> }
    }
    gmv = Object.values(state?.days ?? {}).reduce((sum, { totals }) => sum + (totals.gmv ?? 0), 0)
    if (gmv === DELIVERIES * AMOUNT) return performance.now() - started
    await sleep(100)
  }
  throw new Error(`the orders came to ${gmv} instead of ${DELIVERIES * AMOUNT}`)
}
