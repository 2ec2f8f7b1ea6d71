import type { ImportRules } from '@creatorflow/shared/features/import'
import type { TimeLimits } from '../pipeline/time-limits.ts'
import type { Command } from './command.ts'
import type { Context } from './formats/format.ts'
import { type HttpDoor, NoAnswerError } from './http-door.ts'
import type { Screen } from './progress.ts'
import type { CheckedItem } from './transfer.ts'

/** What the server knows of the command's creator; undefined if nothing, or if it is unavailable for a dry run. */
export async function rulesOf(
  { creator, url, isDryRun }: Command,
  door: HttpDoor,
  screen: Screen,
): Promise<ImportRules | undefined> {
  try {
    const rules = await door.rules(creator.id)
    if (isDryRun && !rules) screen.line(`Creator ${creator.id} doesn’t exist yet.`)
    return rules
  } catch (error) {
    if (!isDryRun || !(error instanceof NoAnswerError)) throw error
    screen.line(
      `Warning: no response from ${url}, so currency, time zone, retention and shops of ${creator.id} are not checked.`,
    )
    return undefined
  }
}

/** How a command's file is read for its creator. */
export function contextOf({ creator, given }: Command, rules: ImportRules | undefined): Context {
  const creatorCurrency = rules?.currency ?? creator.currency
  return {
    creatorCurrency,
    currency: given.currency ?? creatorCurrency,
    timeZone: given.timeZone ?? rules?.time_zone ?? creator.time_zone,
  }
}

/** The times the server accepts, as far as known. */
export const limitsOf = (rules: ImportRules | undefined): TimeLimits => ({
  now: rules ? Date.parse(rules.now) : Date.now(),
  acceptsSince: rules ? Date.parse(rules.accepts_since) : 0,
})

/** Warns once, before sending the first event that a connected shop also brings. */
export function shopWarning(rules: ImportRules | undefined, screen: Screen) {
  const brought = new Set<string>(rules?.shops.flatMap(({ brings }) => brings))
  let isDue = brought.size > 0
  return (events: readonly CheckedItem[]) => {
    if (!isDue || !events.some(({ event }) => brought.has(event.type))) return
    isDue = false
    const names = rules?.shops.map(({ kind_name, account }) => `${kind_name} (${account})`)
    screen.line(
      `Warning: ${names?.join(' and ')} is connected to ${rules?.creator_id}. Orders it already sent count twice if they are also in this file, because their IDs differ.`,
    )
  }
}
