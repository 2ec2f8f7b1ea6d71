import { z } from 'zod'
import type { RequestName, Requests } from './socket.ts'

const creator_id = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/, { error: 'creator_id: 1–64 of a-z 0-9 _ -' })
const since = z.strictObject({ epoch: z.string().max(120), seq: z.int().min(0) })

/**
 * The gateway parses every request with the schema of its name; separate from `socket.ts` to keep zod out of
 * the browser.
 */
export const requestSchemas: { readonly [K in RequestName]: z.ZodType<Requests[K]> } = {
  watch: z.strictObject({
    creator_id,
    session_id: z.string().min(1).max(200).optional(),
    since: since.optional(),
  }),
  unwatch: z.strictObject({ creator_id }),
}
