import { actions } from '@creatorflow/shared/endpoint'
import { render } from 'svelte/server'
import { describe, expect, it, vi } from 'vitest'
import { pageEntries } from './keys/palette.ts'
import { managedCreators, pageOf, pagesFor, refusalOf, titleOf } from './navigation.ts'
import { pages } from './pages.ts'
import CreatorNav from './past/CreatorNav.svelte'
import { session, type Who } from './session.svelte.ts'
import MenuItems from './ui/MenuItems.svelte'

const at = vi.hoisted(() => ({
  route: { id: '/c/[creator]' },
  params: {},
  url: new URL('http://localhost/c/a'),
}))
vi.mock('$app/state', () => ({ page: at }))
vi.mock('$app/navigation', () => ({}))

// The real list, plus pages unknown elsewhere.
vi.mock('./pages.ts', async (original) => {
  const { pages } = await original<typeof import('./pages.ts')>()
  const { toyPages } = await import('./test/toy/toy.ts')
  return { pages: [...pages, ...toyPages] }
})

const read = { id: 'a', name: 'Anna', actions: ['read' as const] }
const all = { id: 'b', name: 'Ben', actions: [...actions] }
const who = (more: Partial<Who> = {}): Who => ({
  kind: 'user',
  local_owner: false,
  owner: false,
  key: null,
  user: {
    id: '00000000-0000-4000-8000-000000000000',
    email: 'a@b.c',
    name: 'A',
    has_password: true,
    totp: false,
    recovery_codes_left: 0,
  },
  creators: [read],
  ...more,
})
const creatorOf = (id: string, name: string) =>
  ({ id, name, currency: 'USD', time_zone: 'UTC', locale: 'en-US' }) as never
const namesOf = (caller: Who) => pagesFor('settings', caller).map(({ name }) => name)
const page = (path: string) => {
  const found = pageOf(path)
  if (!found) throw new Error(`${path} is no page`)
  return found
}

describe('what may be seen', () => {
  it('[PAGE-7] a viewer sees their own pages, the sources and where alerts are sent', () => {
    expect(namesOf(who())).toEqual(['Profile', 'Sign-ins', 'Sources', 'Notifications'])
    expect(managedCreators(who())).toEqual([])
    expect(namesOf(who({ creators: [] }))).toEqual(['Profile', 'Sign-ins'])
  })

  it('[PAGE-7] whoever operates a creator sees its dead letters too', () => {
    const creators = [{ ...read, actions: ['read' as const, 'operate' as const] }]
    expect(namesOf(who({ creators }))).toContain('Dead letters')
  })

  it('[PAGE-7] whoever manages one creator sees every page but those of owners, for that creator', () => {
    const caller = who({ creators: [read, all] })
    const mine = pages.filter(
      ({ group, access }) => group === 'settings' && (access as string) !== 'owner',
    )
    expect(namesOf(caller)).toEqual(mine.map(({ name }) => name))
    expect(managedCreators(caller)).toEqual([all])
  })

  it('[PAGE-7] the owner sees every page even before there is a creator; the local owner has no sign-ins', () => {
    const every = pages.filter(({ group }) => group === 'settings').map(({ name }) => name)
    expect(namesOf(who({ owner: true, creators: [] }))).toEqual(every)
    expect(namesOf(who({ owner: true, user: null, creators: [] }))).toEqual(
      every.filter((name) => name !== 'Sign-ins'),
    )
  })

  it('[PAGE-7] a page the caller may not open says who may', () => {
    const refused = (path: string, caller: Who, creator?: string) =>
      refusalOf(page(path), caller, creator)
    expect(refused('/settings/team', who())).toMatch(/people who manage a creator/)
    expect(refused('/settings/team', who({ owner: true }))).toBeNull()
    expect(refused('/settings/sign-ins', who({ user: null }))).toMatch(/without signing in/)
    expect(refused('/c/[creator]/history', who(), 'a')).toBeNull()
    expect(refused('/c/[creator]/history', who(), 'b')).toMatch(/doesn’t exist/)
    expect(refused('/welcome', who({ creators: [] }))).toBeNull()
  })
})

describe('a page is one entry of the list', () => {
  it('[PAGE-7] a new page appears in navigation, menu, palette, guard and title with no other edit', () => {
    const caller = who({ creators: [read, all] })
    session.state = {
      status: 'ready',
      creators: [creatorOf('a', 'Anna'), creatorOf('b', 'Ben')],
      who: caller,
      localOwner: false,
      owner: false,
    }
    const navOf = (creatorId: string) => render(CreatorNav, { props: { creatorId } }).body
    expect(navOf('b')).toMatch(/href="\/c\/b\/toy"[^>]*>\s*Toy box/)
    expect(navOf('a')).toContain('History')
    expect(navOf('a')).not.toContain('Toy box')
    const props = { who: caller, name: 'A', openChecklist: () => {} }
    expect(render(MenuItems, { props }).body).toMatch(/href="\/toys"[^>]*>All toys/)
    expect(namesOf(who({ owner: true }))).toContain('Toy rules')

    const { creators } = session.state
    const entries = pageEntries({ who: caller, creators, creatorId: 'b', lives: [] })
    expect(entries).toContainEqual(
      expect.objectContaining({ does: 'Toy box · Ben', href: '/c/b/toy' }),
    )
    expect(entries.map(({ href }) => href)).not.toContain('/c/a/toy')

    expect(refusalOf(page('/c/[creator]/toy'), caller, 'a')).not.toBeNull()
    expect(refusalOf(page('/c/[creator]/toy'), caller, 'b')).toBeNull()
    expect(refusalOf(page('/settings/toy'), caller)).toMatch(/owners/)
    expect(titleOf(page('/c/[creator]/toy'), 'Ben')).toBe('Toy box · Ben · CreatorFlow Live')
    expect(titleOf(page('/settings/toy'), '')).toBe('Toy rules · Settings · CreatorFlow Live')
    expect(titleOf(page('/c/[creator]'), 'Ben')).toBe('Ben · CreatorFlow Live')
    expect(titleOf(page('/'), '')).toBe('CreatorFlow Live')
  })

  it('[PAGE-7] every route folder with a page has an entry, and every entry a folder', () => {
    const folders = Object.keys(import.meta.glob('/src/routes/**/+page.svelte')).map(
      (file) => file.replace(/^\/src\/routes(.*)\/\+page\.svelte$/, '$1') || '/',
    )
    const known = pages.map(({ path }) => path as string).filter((path) => !/toy/.test(path))
    expect(known.sort()).toEqual(folders.sort())
  })
})
