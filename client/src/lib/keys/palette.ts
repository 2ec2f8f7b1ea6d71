import type { Creator } from '@creatorflow/shared/creator'
import type { OverviewLive } from '@creatorflow/shared/features/overview'
import { conventionOf, formatClock, formatDay } from '#lib/format.ts'
import { addressOf, pagesFor } from '#lib/navigation.ts'
import type { Page } from '#lib/pages.ts'
import type { Who } from '#lib/session.svelte.ts'

/** A page as the palette lists it. */
export interface PageEntry {
  readonly id: string
  readonly does: string
  readonly also: string
  readonly href: string
}

interface Known {
  readonly who: Who
  readonly creators: readonly Creator[]
  /** The creator at hand: its pages come first. */
  readonly creatorId: string | undefined
  /** The recent LIVEs of the creator at hand, newest first. */
  readonly lives: readonly OverviewLive[]
}

/** Every page that the caller may open: of the creator at hand and its LIVEs, of the other creators, of the rest. */
export function pageEntries({ who, creators, creatorId, lives }: Known): PageEntry[] {
  const atHand = creators.filter(({ id }) => id === creatorId)
  const others = creators.filter(({ id }) => id !== creatorId)
  return [
    ...atHand.flatMap((creator) => ofCreator(who, creator)),
    ...atHand.flatMap((creator) => lives.flatMap((live) => ofLive(who, creator, live))),
    ...others.flatMap((creator) => ofCreator(who, creator)),
    ...pagesFor('menu', who).map((page) => entry(page, {}, page.name)),
    ...pagesFor('settings', who).map((page) => entry(page, {}, `${page.name} · Settings`)),
  ]
}

/** A page of a LIVE names it in its address; one of several LIVEs is a page of their creator. */
const namesLive = ({ path }: Page) => path.includes('[session]')

function ofCreator(who: Who, { id, name }: Creator): PageEntry[] {
  const ofSeveral = pagesFor('live', who, id).filter((page) => !namesLive(page))
  return [...pagesFor('creator', who, id), ...ofSeveral].map((page) =>
    entry(page, { creator: id }, `${page.name} · ${name}`),
  )
}

function ofLive(who: Who, creator: Creator, live: OverviewLive): PageEntry[] {
  const convention = conventionOf(creator, false)
  const start = Date.parse(live.started_at)
  const when = `${formatDay(start, convention)} ${formatClock(start, convention)}`
  const which = live.title ? `${when} · ${live.title}` : when
  const params = { creator: creator.id, session: live.session_id }
  return pagesFor('live', who, creator.id)
    .filter(namesLive)
    .map((page) => entry(page, params, `${page.name} · ${which}`, 'LIVE'))
}

function entry(
  page: Page,
  params: Readonly<Record<string, string>>,
  does: string,
  also = '',
): PageEntry {
  const href = addressOf(page.path, params)
  return { id: href, does, also: [page.also, also].join(' '), href }
}

/** Those whose words hold every word of what was typed, in their order. */
export function find<T extends { readonly does: string; readonly also?: string }>(
  all: readonly T[],
  typed: string,
): T[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ does, also = '' }) => {
    const text = `${does} ${also}`.toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}
