import type { Queryable } from '@creatorflow/db/database'
import type { Bus } from '../../bus/bus.ts'
import { every } from '../../core/every.ts'
import type { Log } from '../../core/log.ts'
import type { ScreenFeed, Screens } from '../../http/feature.ts'
import { selectNews, selectOpen } from './episodes.ts'

/** The text of a message is the id of a creator: something is in its outbox, or was acknowledged. */
export const alertsChannel = 'creatorflow:alerts'

/** What a lost message of the bus may delay. */
const INTERVAL_MS = 1_000
/** News that may still be told: a commit may take a moment, and a slow database several. */
const NEWS_SECONDS = 15

export interface AlertFeedDeps {
  readonly database: Queryable
  readonly bus: Bus
  readonly log: Log
}

/** Tells screens what fired, recovered or was acknowledged, and those that come what is on. */
export function createAlertFeed(
  { database, bus, log }: AlertFeedDeps,
  { watched, tell }: Screens,
): ScreenFeed {
  /** News by id with when they were told, so that each is told once here. */
  const told = new Map<string, number>()
  /** The open episodes that screens of a creator hold, as JSON. */
  const held = new Map<string, string>()

  async function look(): Promise<void> {
    const creators = watched()
    for (const id of held.keys()) if (!creators.includes(id)) held.delete(id)
    const now = performance.now()
    for (const [id, at] of told) if (now - at > 2_000 * NEWS_SECONDS) told.delete(id)
    if (creators.length === 0) return
    const news = await selectNews(database, creators, NEWS_SECONDS)
    const open = await selectOpen(database, creators)
    for (const creator_id of creators) {
      const before = held.get(creator_id)
      const all = news.get(creator_id) ?? []
      const fresh = all.filter(({ id }) => !told.has(id))
      for (const { id } of all) told.set(id, now)
      const list = open.get(creator_id) ?? []
      const text = JSON.stringify(list)
      if (before !== undefined && fresh.length === 0 && before === text) continue
      held.set(creator_id, text)
      // What came before anybody watched is no news.
      tell('alerts', {
        creator_id,
        at: Date.now(),
        news: before === undefined ? [] : fresh,
        open: list,
      })
    }
  }

  const looking = every(
    {
      intervalMs: INTERVAL_MS,
      failed: (error) => log.warn({ err: error }, 'failed to read alerts'),
    },
    look,
  )
  const subscribed = bus.subscribe(alertsChannel, (creatorId) => {
    if (held.has(creatorId)) looking.soon()
  })
  return {
    greet(creatorId, answer) {
      const known = held.get(creatorId)
      if (known === undefined) return looking.soon()
      answer('alerts', { creator_id: creatorId, at: Date.now(), news: [], open: JSON.parse(known) })
    },
    async [Symbol.asyncDispose]() {
      await looking[Symbol.asyncDispose]()
      await (await subscribed)()
    },
  }
}
