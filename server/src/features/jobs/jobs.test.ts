import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/harness.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app?.[Symbol.asyncDispose]())

const list = async () => {
  const response = await fetch(`${app.url}/api/v1/jobs`, { headers: app.owner })
  expect(response.status).toBe(200)
  // biome-ignore lint/suspicious/noExplicitAny: checked by the expectations, and by the endpoint's own schema.
  return (await response.json()) as any
}
const run = (name: string) =>
  fetch(`${app.url}/api/v1/jobs/${name}/run`, {
    method: 'POST',
    headers: { ...app.owner, origin: app.url },
  })

test('[NODE-7] the owner sees each job, its next time and its runs, and can start it', async () => {
  await expect
    .poll(() => app.database.query(sql`select 1 from job_schedules where job = 'forget-people'`))
    .toHaveLength(1)
  const before = await list()
  expect(before.jobs.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['forget-people', 'forget-deliveries']),
  )
  for (const job of before.jobs)
    expect(Date.parse(job.next_due)).toBeGreaterThan(Date.parse(before.at))

  expect((await run('forget-people')).status).toBe(200)
  const runsOf = async () =>
    (await list()).jobs.find((job: { name: string }) => job.name === 'forget-people').runs
  await expect
    .poll(runsOf, { timeout: 20_000 })
    .toMatchObject([{ outcome: 'done', attempt: 1, error: null }])
  expect(
    await app.database.query(sql`select target from audit_log where action = 'job.asked'`),
  ).toEqual([{ target: 'forget-people' }])
  expect((await run('no-such-job')).status).toBe(404)
})
