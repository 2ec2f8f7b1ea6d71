import type { Creator } from '@creatorflow/shared/creator'
import type { OverviewLive } from '@creatorflow/shared/features/overview'
import { conventionOf, formatClock, formatDay } from '#lib/format.ts'
import { addressOf, pagesFor } from '#lib/navigation.ts'
import type { Page } from '#lib/pages.ts'
import type { Who } from '#lib/session.svelte.ts'
import { m } from '#messages'

/** Something that the palette lists. */
export interface Entry {
  readonly id: string
  readonly does: string
  /** What it is, as the row says. */
  readonly kind: string
  /** Other words by which it is found. */
  readonly also?: string
  /** The keys that do the same. */
  readonly keys?: string
}

/** A page as the palette lists it. */
export interface PageEntry extends Entry {
  readonly also: string
  readonly href: string
}

interface Known {
  readonly who: Who
  readonly creators: readonly Creator[]
  /** The creator at hand: its pages come first. */
  readonly creatorId: string | undefined
  /** The LIVEs of the creator at hand, newest first. */
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
    ...pagesFor('menu', who).map((page) => entry(page, {}, page.name, m.keys_page())),
    ...pagesFor('settings', who).map((page) => entry(page, {}, page.name, m.keys_settings())),
  ]
}

/** A page of a LIVE names it in its address; one of several LIVEs is a page of their creator. */
const namesLive = ({ path }: Page) => path.includes('[session]')

function ofCreator(who: Who, { id, name }: Creator): PageEntry[] {
  const ofSeveral = pagesFor('live', who, id).filter((page) => !namesLive(page))
  return [...pagesFor('creator', who, id), ...ofSeveral].map((page) =>
    entry(page, { creator: id }, `${page.name} · ${name}`, m.keys_page()),
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
    .map((page) => entry(page, params, `${page.name} · ${which}`, m.keys_live()))
}

function entry(
  page: Page,
  params: Readonly<Record<string, string>>,
  does: string,
  kind: string,
): PageEntry {
  const href = addressOf(page.path, params)
  return { id: href, does, kind, also: page.also ?? '', href }
}

/** How well an entry fits what was typed: its name begins so, a word of it does, it holds it, or only another word of it. */
function fit({ does, kind, also = '' }: Entry, words: readonly string[]): number | null {
  const name = does.toLocaleLowerCase()
  const all = `${name} ${kind.toLocaleLowerCase()} ${also.toLocaleLowerCase()}`
  if (!words.every((word) => all.includes(word))) return null
  const [first = ''] = words
  if (name.startsWith(first)) return 0
  if (words.every((word) => name.split(/[^\p{L}\p{N}]+/u).some((one) => one.startsWith(word)))) {
    return 1
  }
  return words.every((word) => name.includes(word)) ? 2 : 3
}

/** Those whose words hold every word of what was typed: by how well they fit, else in their order. */
export function find<T extends Entry>(all: readonly T[], typed: string): T[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...all]
  return all
    .flatMap((one) => {
      const rank = fit(one, words)
      return rank === null ? [] : [{ one, rank }]
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one)
}
