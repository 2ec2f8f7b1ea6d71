import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../../core/errors.ts'
import { frameOf } from '../../query/frame.ts'
import type { Moment } from '../../query/parts.ts'
import { readCells } from '../../query/read-cells.ts'
import { type BaseValues, planOf, type Shape } from '../../query/reads.ts'

const DAY_MS = 86_400_000
/** Past any time an event may have. */
const END = Date.UTC(2100, 0, 1)

/** Results of LIVEs that started at `since` or later, epoch ms; one without sales and viewers is missing. */
export async function readTotals(
  read: TenantRead,
  tenant: Tenant,
  sessions: readonly string[],
  since: number,
  moment: Moment,
): Promise<Map<string, BaseValues>> {
  const question: Shape = {
    metrics: ['gmv', 'main_orders', 'peak_viewers'],
    by: ['session'],
    where: [{ dimension: 'session', op: 'in', values: [...sessions] }],
    bucket: 'total',
  }
  // A day before the first start: an order may name its LIVE before it starts.
  const from = Math.floor(since / DAY_MS - 1) * DAY_MS
  const frame = frameOf(question, [from, END], 'UTC')
  const [found] = await readCells(read, tenant, [{ plan: planOf(question), frame }], moment)
  if (!found || found instanceof AppError) throw found ?? new Error('the LIVEs were not read')
  return new Map(found.cells.map(({ keys, values }) => [String(keys[0]), values]))
}
