import { emptyLive } from '@creatorflow/shared/fold-live'
import { render } from 'svelte/server'
import { expect, it, vi } from 'vitest'
import ComparePage from '#lib/features/compare/ComparePage.svelte'
import { TrafficSources } from '#lib/features/funnel/traffic-sources.svelte.ts'
import { Lives } from '#lib/features/overview/lives.svelte.ts'
import { Replay } from '#lib/features/replay/replay.svelte.ts'
import { session } from '#lib/session.svelte.ts'
import Recounting from './Recounting.svelte'

const recounting = { since: '2026-10-21T12:00:00.000Z', problem: null, percent: null }
const creator = {
  id: 'mira',
  name: 'Mira',
  time_zone: 'UTC',
  currency: 'USD',
  locale: 'en',
  kind: 'real',
  created_at: '2026-10-01T00:00:00.000Z',
} as const
const live = (id: string) => ({ ...emptyLive(id, Date.UTC(2026, 9, 21, 12)), ended_at: 1 })

/** Every question gets this answer. */
function answering(value: object) {
  vi.spyOn(session, 'ask').mockResolvedValue({ ok: true, value } as never)
}

it('[RECOUNT-3] a waiting recount is shown in words, and nothing otherwise', () => {
  const words = (of: object | null) =>
    render(Recounting, { props: { recounting: of as never } }).body
  expect(words(recounting)).toContain('Numbers are being recounted and may change.')
  expect(words({ ...recounting, percent: 43 })).toContain('(43% done)')
  expect(words({ ...recounting, problem: 'failed' })).toContain('The recount failed')
  expect(words(null)).not.toContain('data-testid')
})

it('[RECOUNT-3] a comparison shows a waiting recount', () => {
  const page = (of: typeof recounting | null) =>
    render(ComparePage, { props: { creator, a: live('a'), b: live('b'), recounting: of } }).body
  expect(page(recounting)).toContain('data-testid="recounting"')
  expect(page(null)).not.toContain('data-testid="recounting"')
})

it('[RECOUNT-3] history, funnel by source and replay keep the recount notice of their answers', async () => {
  answering({ lives: [], cursor: null, recounting })
  const lives = new Lives('mira')
  await expect.poll(() => lives.recounting).toEqual(recounting)

  answering({ rows: [], recounting })
  const sources = new TrafficSources()
  await sources.probe('mira', { started_at: 0, ended_at: 1 })
  expect(sources.recounting).toEqual(recounting)
  answering({ rows: [], recounting: null })
  await sources.probe('mira', { started_at: 0, ended_at: 1 })
  expect(sources.recounting).toBeNull()

  answering({ epoch: 'e', events: [], cursor: null, recounting })
  const replay = new Replay(creator, live('a'))
  await expect.poll(() => replay.recounting).toEqual(recounting)
  replay.close()
  vi.restoreAllMocks()
})
