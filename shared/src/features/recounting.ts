import { z } from 'zod'

/** Set while numbers are being recounted: events arrived late, or a time zone or currency changes. */
export const recounting = z
  .object({
    since: z.iso.datetime().describe('When the recount was first asked for.'),
    problem: z.enum(['failed']).nullable().describe('Why it fails; null if it is only waiting.'),
    percent: z.int().min(0).max(100).nullable().describe('Progress; null before it starts.'),
  })
  .meta({ id: 'Recounting' })
  .nullable()
