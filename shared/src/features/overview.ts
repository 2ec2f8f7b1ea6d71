import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'
import { listedLive } from './live.ts'
import { recounting } from './recounting.ts'

const overviewLive = listedLive.extend({
  title: z.string().nullable(),
  gmv: z.int().describe("Minor units of the creator's currency."),
  main_orders: z.int(),
  peak_viewers: z.int().nullable().describe('Null if no viewer counts were reported.'),
})
export type OverviewLive = z.output<typeof overviewLive>

export const getOverview = endpoint('GET', '/api/v1/creators/:creator_id/overview', {
  summary: 'List LIVEs with their results, newest first',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  }),
  reply: z.object({ lives: z.array(overviewLive), cursor: z.string().nullable(), recounting }),
})
