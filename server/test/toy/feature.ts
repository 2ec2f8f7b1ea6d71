import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { endpoint } from '@creatorflow/shared/endpoint'
import { creatorId } from '@creatorflow/shared/features/creators'
import { latestLive } from '@creatorflow/shared/live-state'
import { z } from 'zod'
import { type ConfigOf, variable, whole } from '../../src/core/config/variable.ts'
import type { Telemetry } from '../../src/core/telemetry.ts'
import type { Sight } from '../../src/core/watch.ts'
import { withVariables } from '../../src/features/entry.ts'
import type { Feature } from '../../src/http/feature.ts'
import type { Projection } from '../../src/projections/projection.ts'

/** What a migration would create. */
export const toyTables = `
  create table toy_alarms (
    creator_id text not null, session_id text not null, node text not null,
    primary key (creator_id, session_id));
  comment on table toy_alarms is 'Tenants read their own rows (creator_id).';
  create table toy_lives (creator_id text not null, session_id text not null);
  comment on table toy_lives is 'Tenants read their own rows (creator_id).';`

const variables = {
  TOY_COMMENTS: variable(
    whole(1),
    '10',
    'comments',
    'Comments of a LIVE that raise the toy alarm.',
  ),
}

const numbers = {
  toy_alarms_total: { kind: 'counter', help: 'Toy alarms that were raised' },
} as const

const getAlarms = endpoint('GET', '/api/v1/creators/:creator_id/toy-alarms', {
  summary: 'Toy alarms',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  reply: z.object({ lives: z.array(z.string()) }),
})

let nodes = 0

/** Raises an alarm in each LIVE with many comments: a route, a job, a watch, a setting and a counter. */
export const toy = withVariables(variables, createToy)

function createToy({
  database,
  config,
  telemetry,
}: {
  readonly database: Database
  readonly config: ConfigOf<typeof variables>
  readonly telemetry: Telemetry
}): Feature {
  const counted = telemetry.with(numbers)
  const node = `node-${++nodes}`

  async function look({ tenant, state }: Sight): Promise<void> {
    const session = latestLive(state.lives)
    const comments = session ? (state.lives[session]?.totals.comments ?? 0) : 0
    if (comments < config.toyComments) return
    // A look may be repeated: the key makes the second harmless.
    const raised = await database.query(sql`
      insert into toy_alarms (creator_id, session_id, node)
      values (${tenant.creatorId}, ${session}, ${node}) on conflict do nothing returning 1`)
    counted.count('toy_alarms_total', {}, raised.length)
  }

  return {
    name: 'toy',
    mount({ router, answer }) {
      answer(router, getAlarms, ({ tenant }) =>
        database.readAs(tenant, async (read) => {
          const rows = await read.query<{ session_id: string }>(
            sql`select session_id from toy_alarms order by session_id`,
          )
          return { lives: rows.map(({ session_id }) => session_id) }
        }),
      )
    },
    jobs: [
      {
        name: 'forget-toy-alarms',
        title: 'Delete toy alarms',
        cron: '0 0 1 1 *',
        per: 'installation',
        run: async () => void (await database.query(sql`delete from toy_alarms`)),
      },
    ],
    watch: {
      async creators() {
        const rows = await database.query<{ creator_id: string }>(
          sql`select distinct creator_id from lives where ended_at is null order by creator_id`,
        )
        return rows.map(({ creator_id }) => creator_id)
      },
      begin: () => look,
    },
  }
}

/** LIVEs that were ever named. */
export const toyLives: Projection = {
  table: 'toy_lives',
  personal: [],
  write({ lives }) {
    if (lives.length === 0) return []
    return [
      sql`insert into toy_lives (creator_id, session_id) select * from unnest(
        ${lives.map((l) => l.creator_id)}::text[], ${lives.map((l) => l.session_id)}::text[])`,
    ]
  },
}
