import type { Action } from '@creatorflow/shared/endpoint'
import { type Page, type PageGroup, pages } from './pages.ts'
import type { Who } from './session.svelte.ts'

type Caller = Pick<Who, 'owner' | 'user' | 'creators'>

const all: readonly Page[] = pages

/** The page of a route; none if the route is unknown. */
export function pageOf(routeId: string | null): Page | undefined {
  return all.find(({ path }) => path === routeId)
}

/** The pages of a group that the caller may open, for one creator or any. */
export function pagesFor(group: PageGroup, who: Caller, creatorId?: string): readonly Page[] {
  return all.filter((page) => page.group === group && mayOpen(page, who, creatorId))
}

/** The pages of a group, for any caller. */
export function pagesOf(group: PageGroup): readonly Page[] {
  return all.filter((page) => page.group === group)
}

/** Names in the address, such as a creator or a LIVE, may contain any character. */
export function addressOf(path: Page['path'], params: Readonly<Record<string, string>> = {}) {
  return path.replaceAll(/\[(\w+)\]/g, (_, name) => encodeURIComponent(params[name] ?? ''))
}

/** Why the caller may not open the page; null if they may. */
export function refusalOf(page: Page, who: Caller, creatorId?: string): string | null {
  if (mayOpen(page, who, creatorId)) return null
  if (page.path.includes('[creator]')) return 'It doesn’t exist, or you have no role for it.'
  return reasons[page.access]
}

const ask = 'Ask an owner for that role.'
const reasons: Readonly<Record<Page['access'], string>> = {
  anyone: '',
  signed_in: 'Sign in to see this page.',
  user: 'You use this server without signing in, so there are no sign-ins to show.',
  manager: `This page is for people who manage a creator. ${ask}`,
  manage: `This page is for people who manage a creator. ${ask}`,
  owner: 'This page is for owners of this server.',
  read: `This page is for people who see a creator's numbers. ${ask}`,
  operate: `This page is for people who operate a creator. ${ask}`,
  'ingest:write': `This page is for people who send a creator's events. ${ask}`,
}

function mayOpen({ access, path }: Page, who: Caller, creatorId?: string): boolean {
  switch (access) {
    case 'anyone':
    case 'signed_in':
      return true
    case 'user':
      return who.user !== null
    case 'owner':
      return who.owner
    case 'manager':
      return who.owner || creatorsWith(who, 'manage').length > 0
    default: {
      const creators = creatorsWith(who, access)
      return creatorId !== undefined && path.includes('[creator]')
        ? creators.some(({ id }) => id === creatorId)
        : who.owner || creators.length > 0
    }
  }
}

/** The creators that the caller may act on. */
export function creatorsWith(
  who: Pick<Who, 'creators'>,
  action: Action,
): readonly Who['creators'][number][] {
  return who.creators.filter(({ actions }) => actions.includes(action))
}

/** The creators whose keys, team, audit log and data the caller manages. */
export function managedCreators(who: Pick<Who, 'creators'>): readonly Who['creators'][number][] {
  return creatorsWith(who, 'manage')
}

const product = 'CreatorFlow Live'

/** The page's title in the browser tab, with its creator. */
export function titleOf(page: Page | undefined, creatorName: string): string {
  if (!page || page.path === '/') return product
  switch (page.group) {
    case 'creator':
    case 'live':
      return page.path === '/c/[creator]'
        ? `${creatorName} · ${product}`
        : `${page.name} · ${creatorName} · ${product}`
    case 'settings':
      return `${page.name} · Settings · ${product}`
    default:
      return `${page.name} · ${product}`
  }
}
