import { SvelteSet } from 'svelte/reactivity'
import { remember, remembered } from '#lib/remembered.ts'

/** The creators whose checklist this person put away. */
const hidden = new SvelteSet(remembered('checklist_hidden')?.split(' ') ?? [])

export const isChecklistHidden = (creatorId: string): boolean => hidden.has(creatorId)

/** Puts the checklist of a creator away, or brings it back. */
export function hideChecklist(creatorId: string, away: boolean): void {
  if (away) hidden.add(creatorId)
  else hidden.delete(creatorId)
  remember('checklist_hidden', hidden.size > 0 ? [...hidden].join(' ') : null)
}
