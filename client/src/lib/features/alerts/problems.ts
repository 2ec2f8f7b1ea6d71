import { ruleLimits } from '@creatorflow/shared/alerts/rule-limits'
import { m } from '#messages'
import { type Draft, isSpecial, takesValue } from './draft.ts'

export type Problems = Partial<Record<keyof Draft, string>>

/** What has to be put right before a rule can be saved, in words, by field. */
export function problemsOf(draft: Draft): Problems {
  return { ...problemsOfLine(draft), ...problemsOfBack(draft), ...problemsOfMore(draft) }
}

function problemsOfLine({ what, comparison, line, upper }: Draft): Problems {
  if (what === 'source_down' || what === 'oversold') return {}
  if (!isNumber(line)) return { line: m.alerts_enter_number() }
  const isMinutes =
    what === 'runs_out' ||
    what === 'pin_without_click' ||
    (!isSpecial(what) && comparison === 'no_data')
  if (isMinutes) return wholeMinutes('line', line)
  if (what === 'off_pace') {
    return line >= 1 && line <= 100 ? {} : { line: m.alerts_enter_percentage() }
  }
  if (isSpecial(what)) return {}
  switch (comparison) {
    case 'outside':
      if (!isNumber(upper)) return { upper: m.alerts_enter_number() }
      return line < upper ? {} : { upper: m.alerts_upper_above_lower() }
    case 'falls':
      return line > 0 && line <= 100 ? {} : { line: m.alerts_enter_percentage_100() }
    case 'rises':
      return line > 0 && line <= 10_000 ? {} : { line: m.alerts_enter_percentage_10000() }
    case 'unusual':
      return line >= 0.5 && line <= 20 ? {} : { line: m.alerts_enter_deviations() }
    default:
      return {}
  }
}

function problemsOfBack({ what, comparison, line, upper, back, over }: Draft): Problems {
  if (isSpecial(what)) return {}
  const isChange = comparison === 'falls' || comparison === 'rises'
  const found: Problems = {}
  if (isChange && !isNumber(over)) found.over = m.alerts_enter_minutes()
  if (isNumber(over) && (isChange || takesValue(comparison))) {
    Object.assign(found, wholeMinutes('over', over))
  }
  if (!isNumber(back) || !isNumber(line) || comparison === 'no_data') return found
  switch (comparison) {
    case 'below':
      if (back < line) found.back = m.alerts_recover_above()
      break
    case 'above':
      if (back > line) found.back = m.alerts_recover_below()
      break
    case 'outside':
      if (back < 0) found.back = m.alerts_margin_positive()
      else if (isNumber(upper) && 2 * back >= upper - line) {
        found.back = m.alerts_margin_too_wide()
      }
      break
    default:
      if (back < 0 || back > line) found.back = m.alerts_recover_between()
  }
  return found
}

function problemsOfMore(draft: Draft): Problems {
  const found: Problems = {}
  const hours = ruleLimits.durationSeconds / 3_600
  for (const field of ['forMinutes', 'keepMinutes'] as const) {
    const minutes = draft[field]
    if (isNumber(minutes) && (minutes < 0 || minutes * 60 > ruleLimits.durationSeconds)) {
      found[field] = m.alerts_no_live_longer({ minutes: hours * 60, hours })
    }
  }
  const { cooldownMinutes: cooldown, sample } = draft
  if (isNumber(cooldown) && (cooldown < 0 || cooldown * 60 > ruleLimits.cooldownSeconds)) {
    found.cooldownMinutes = m.alerts_cooldown_week({
      minutes: ruleLimits.cooldownSeconds / 60,
    })
  }
  if (isNumber(sample) && (sample < 0 || sample > 1e9 || !Number.isInteger(sample))) {
    found.sample = m.alerts_enter_whole()
  }
  if (draft.quiet && draft.quietFrom === draft.quietTo) {
    found.quietTo = m.alerts_quiet_other_time()
  }
  if (draft.name.trim().length > ruleLimits.nameCharacters) {
    found.name = m.alerts_most_characters({ characters: ruleLimits.nameCharacters })
  }
  if (draft.words.trim().length > ruleLimits.wordsCharacters) {
    found.words = m.alerts_most_characters({ characters: ruleLimits.wordsCharacters })
  }
  return found
}

function wholeMinutes(field: 'line' | 'over', minutes: number): Problems {
  const isFine = Number.isInteger(minutes) && minutes >= 1 && minutes <= ruleLimits.windowMinutes
  return isFine ? {} : { [field]: m.alerts_whole_minutes({ most: ruleLimits.windowMinutes }) }
}

// An empty number field is null or undefined.
const isNumber = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value)
