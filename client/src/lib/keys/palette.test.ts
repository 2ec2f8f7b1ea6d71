import { actions } from '@creatorflow/shared/endpoint'
import { expect, it } from 'vitest'
import { pages } from '#lib/pages.ts'
import { find, pageEntries } from './palette.ts'

const creators = ['anna', 'ben'].map(
  (id) => ({ id, name: id, currency: 'USD', time_zone: 'UTC', locale: 'en-US' }) as never,
)
const who = {
  owner: true,
  user: { name: 'A' },
  creators: ['anna', 'ben'].map((id) => ({ id, name: id, actions: [...actions] })),
} as never
const live = {
  session_id: 'spring/1',
  title: 'Spring sale',
  started_at: '2026-03-20T18:30:00.000Z',
} as never

const entries = pageEntries({ who, creators, creatorId: 'ben', lives: [live] })
const addresses = (typed: string) => find(entries, typed).map(({ href }) => href)

it('[PAGE-6] the palette finds every page that the caller may open', () => {
  for (const { path, name, group } of pages) {
    if (group === 'link') continue
    const address = path.replace('[creator]', 'ben').replace('[session]', 'spring%2F1')
    expect(addresses(name), name).toContain(address)
  }
  expect(addresses('lives anna')).toEqual(['/c/anna/history'])
  expect(addresses('members')).toEqual(['/settings/team'])
  expect(addresses('settings').length).toBeGreaterThan(8)
})

it("[PAGE-6] the palette finds the current creator's recent LIVEs by title and day", () => {
  expect(addresses('replay spring')).toEqual(['/c/ben/lives/spring%2F1/replay'])
  expect(addresses('summary mar 20')).toEqual(['/c/ben/lives/spring%2F1'])
})

it("[PAGE-6] the current creator's pages come first, and each is listed once", () => {
  expect(addresses('cockpit')).toEqual(['/c/ben', '/c/anna'])
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
})
