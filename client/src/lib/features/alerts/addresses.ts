import { addressOf } from '#lib/navigation.ts'

/** Pages of a creator's alerts. */
export const alertsOf = (creator: string) => addressOf('/c/[creator]/alerts', { creator })
export const rulesOf = (creator: string) => addressOf('/c/[creator]/alerts/rules', { creator })
export const ruleOf = (creator: string, rule: string) =>
  addressOf('/c/[creator]/alerts/rules/[rule]', { creator, rule })
/** The editor with a rule that is not there yet, prefilled for a metric of a tile. */
export const newRuleOf = (creator: string, query: Readonly<Record<string, string>> = {}) => {
  const asked = new URLSearchParams(query).toString()
  return ruleOf(creator, 'new') + (asked && `?${asked}`)
}
