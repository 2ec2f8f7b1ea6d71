import type { EventType } from '../event-types.ts'
import type { MetricId } from '../metrics.ts'
import type { EventFields, Stage } from './stage.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** What happens around the LIVE: ads, the shop's pages, videos, newsletters, a failing system. */
export function runBusiness(stage: Stage): void {
  const { random, ledger, options, rate } = stage
  const { durationMs } = options
  const video_id = `${options.sessionId}-teaser`

  function tell(type: EventType, metric: MetricId, amount: number, fields: EventFields): void {
    ledger.add(metric, amount, stage.now)
    stage.emit(type, fields)
  }
  const units = (quantity: number) => (quantity === 1 ? {} : { quantity })

  /** Repeats a step at random intervals until the LIVE ends. */
  function often(meanMs: number, step: () => void): void {
    const again = () => {
      if (!stage.onAir) return
      step()
      stage.after(500 + random.exponential(meanMs), again)
    }
    stage.after(random.exponential(meanMs / 2), again)
  }

  const pace = Math.max(rate, 0.05)
  often(5 * MINUTE_MS, () => {
    const amount = random.between(500, 3_000)
    tell('ad_spend_incurred', 'ad_spend', amount, {
      amount,
      currency: options.currency,
      traffic_source: 'ads',
    })
  })
  often(8_000 / pace, () => {
    const quantity = random.between(1, 4)
    tell('video_view', 'video_views', quantity, { video_id, ...units(quantity) })
  })
  often(15_000 / pace, () =>
    tell('page_view', 'page_views', 1, {
      properties: { path: random.pick(['/', '/shop', '/about']) },
    }),
  )
  often(20 * MINUTE_MS, () => {
    const amount = random.between(400, 2_500)
    tell('revenue_generated', 'other_revenue', amount, {
      amount,
      currency: options.currency,
      properties: { kind: 'affiliate' },
    })
  })
  often(25 * MINUTE_MS, () =>
    tell('system_error', 'system_errors', 1, {
      properties: { message: 'the label printer is offline' },
    }),
  )
  if (random.chance(0.5)) {
    stage.after(durationMs * 0.4, () => tell('tiktok_video_viral', 'viral_videos', 1, { video_id }))
  }
  if (stage.products.length > 0 && random.chance(0.5)) {
    stage.after(durationMs * 0.6, () =>
      tell('product_trending', 'trending_products', 1, {
        product_id: random.pick(stage.products).id,
      }),
    )
  }
  if (random.chance(0.5)) {
    stage.after(durationMs * 0.3, () =>
      stage.emit('note', { properties: { text: random.pick(['moved the lamp', 'guest joins']) } }),
    )
  }
  if (stage.products.length > 0 && random.chance(0.6)) {
    stage.after(durationMs * 0.5, () => {
      const { id, name, price } = random.pick(stage.products)
      const amount = Math.round(price * 0.9)
      stage.emit('price_changed', {
        product_id: id,
        amount,
        currency: options.currency,
        properties: { product_name: name },
      })
    })
  }
  if (random.chance(0.3)) {
    stage.after(durationMs * 0.45, () =>
      stage.emit('source_gap', {
        quantity: random.between(5_000, 40_000),
        properties: { source: 'tiktok_live' },
      }),
    )
  }
  if (options.aftermath === false) return
  const readers = random.between(20, 200)
  const letter = (hours: number, type: EventType, metric: MetricId, quantity: number) =>
    stage.after(durationMs + hours * HOUR_MS, () => tell(type, metric, quantity, units(quantity)))
  letter(2, 'email_sent', 'emails_sent', readers)
  letter(5, 'email_opened', 'emails_opened', Math.ceil(readers * 0.4))
  letter(6, 'email_clicked', 'emails_clicked', Math.ceil(readers * 0.1))
}
