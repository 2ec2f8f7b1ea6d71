import { type Convention, formatDay } from '#lib/format.ts'
import { cleanText, shownIdentity } from '#lib/people/names.ts'
import { session } from '#lib/session.svelte.ts'

/** Whose LIVE a picture shows and when it was; in streamer mode not whose. */
export function subtitleOf(
  creatorId: string,
  live: { readonly title?: string | null; readonly started_at: number },
  convention: Convention,
): string {
  const name = session.ready?.creators.find(({ id }) => id === creatorId)?.name ?? creatorId
  return [
    shownIdentity(cleanText(name, 40), convention),
    ...(live.title ? [cleanText(live.title, 60)] : []),
    formatDay(live.started_at, convention),
  ].join(' · ')
}
