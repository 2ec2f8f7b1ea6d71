import type { Action } from '@creatorflow/shared/endpoint'
import { m } from '#messages'
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
  if (page.path.includes('[creator]')) return m.app_it_doesnt_exist_or_you_have()
  return reasons[page.access]
}

const ask = m.app_ask_owner_for_that_role()
const reasons: Readonly<Record<Page['access'], string>> = {
  anyone: '',
  signed_in: m.app_sign_in_to_see_this_page(),
  user: m.app_you_use_this_server_without(),
  manager: m.app_this_page_is_for_people_who({ ask }),
  manage: m.app_this_page_is_for_people_who({ ask }),
  owner: m.app_this_page_is_for_owners_of(),
  read: m.app_this_page_is_for_people_who_2({ ask }),
  operate: m.app_this_page_is_for_people_who_3({ ask }),
  'ingest:write': m.app_this_page_is_for_people_who_4({ ask }),
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
      return m.app_name_settings_product({ name: page.name, product })
    default:
      return `${page.name} · ${product}`
  }
}
