import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Site } from './site.ts'

const DAY_MS = 1_440 * MINUTE_MS

/** Every route of the client: a new page is there without being named. */
export const routes = (): string[] =>
  globSync('**/+page.svelte', { cwd: join(import.meta.dirname, '../client/src/routes') })
    .map((file) => `/${dirname(file)}`.replace(/^\/\.$/, '/'))
    .sort()

/** Where a route leads in the world that `fillPages` makes. */
export const addressOf = (route: string): string =>
  route
    .replace('[creator]', 'told')
    .replace('[session]', 'second')
    .replace('[rule]', 'new')
    .replace('[...path]', 'nope')
    .replace('/compare', '/compare?a=first&b=second')

/** A creator `told` with the LIVEs `first` and `second`, and `running` on air with a goal; `past`, whose LIVE is long over; `fresh`, who has nothing yet. */
export async function fillPages(site: Site): Promise<void> {
  const now = Date.now()
  const live = (name: string, startAt: number, minutes: number, creatorId = 'told') =>
    simulateLive({
      seed: name,
      creatorId,
      sessionId: name,
      startAt,
      durationMs: minutes * MINUTE_MS,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }).events
  await site.newCreator('told')
  await site.newCreator('past')
  await site.newCreator('fresh')
  await site.send([
    ...live('first', now - 15 * DAY_MS, 10),
    ...live('second', now - 8 * DAY_MS, 10),
    ...live('over', now - 8 * DAY_MS, 10, 'past'),
    ...live('running', now - 8 * MINUTE_MS, 60).filter(({ ts }) => ts <= now),
  ])
  await site.post('/api/v1/creators/told/goal', {
    session_id: 'running',
    metric: 'gmv',
    target: 98_765_400,
  })
}
