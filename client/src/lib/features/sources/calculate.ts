import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { type ProblemWords, sourceProblems, sourceStates } from '@creatorflow/shared/sources'
import { localText } from '#lib/catalogue.ts'
import { formatMoment, formatTime, formatWhen } from '#lib/when.ts'
import { m } from '#messages'
import { isWell } from '../../sources/freshness.ts'

/** How a source is drawn: in the colour of live data, quietly, not at all, or as a warning. */
export type Tone = 'live' | 'quiet' | 'off' | 'warn'

export interface SourceView {
  readonly tone: Tone
  readonly state: string
  /** What that means. */
  readonly text: string
  /** When it began: the time of day while that is clear, else with its date. */
  readonly since: string
  readonly problem: {
    readonly text: string
    readonly todo: string
    /** What exactly happened. */
    readonly detail: string | null
    readonly when: string | null
  } | null
  readonly retry: string | null
  readonly facts: readonly { readonly name: string; readonly value: string }[]
}

/** Within it a time of day names one moment. */
const ONE_DAY_MS = 20 * 3_600_000

const tones = {
  off: 'off',
  starting: 'quiet',
  waiting: 'quiet',
  receiving: 'live',
  paused: 'quiet',
  retrying: 'warn',
  needs_you: 'warn',
} as const satisfies Record<Source['state'], Tone>

/** Everything the page says of a source, in words; without its kind for one that this server doesn't know. */
export function viewOf(
  source: Source,
  kind: SourceKind | undefined,
  now: number,
  locale?: string,
): SourceView {
  const when = (at: string) => formatWhen(Date.parse(at), now, locale)
  const since = Date.parse(source.since)
  const isHeld = source.held || isWell({ ...source, since }, now)
  const { name, text } = isHeld
    ? sourceStates[source.state]
    : {
        name: m.sources_not_running(),
        text: m.sources_no_server_is_running_this_source(),
      }
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format
  return {
    tone: isHeld ? tones[source.state] : 'warn',
    state: localText(name),
    text: localText(text),
    since: (now - since < ONE_DAY_MS ? formatTime : formatMoment)(since, locale),
    problem: isHeld ? problemOf(source, kind, when) : kind ? notHeld : unknownKind(source),
    retry: isHeld && source.retry_at ? retryWords(Date.parse(source.retry_at), now) : null,
    facts: [
      { name: m.sources_messages_per_second(), value: count(source.messages_per_s) },
      { name: m.sources_messages(), value: count(source.messages) },
      { name: m.sources_events_stored(), value: count(source.events) },
      {
        name: m.sources_newest_event(),
        value: source.last_event_at ? when(source.last_event_at) : m.sources_none_yet(),
      },
      { name: m.sources_lag(), value: source.lag_ms === null ? '–' : lagWords(source.lag_ms) },
    ],
  }
}

const notHeld = {
  text: m.sources_no_server_is_running_this_source_2(),
  todo: m.sources_check_that_process_with_pipeline(),
  detail: null,
  when: null,
}

/** Made by a release that knew its kind, such as before a way back to an older one. */
function unknownKind({ kind }: Source): SourceView['problem'] {
  return {
    text: m.sources_this_server_doesnt_support_source({ kind }),
    todo: m.sources_update_server_or_remove_this(),
    detail: null,
    when: null,
  }
}

function problemOf(
  { problem, problem_detail, problem_at }: Source,
  kind: SourceKind | undefined,
  when: (at: string) => string,
): SourceView['problem'] {
  if (problem === null) return null
  // A newer server may know of problems that this page has no words for.
  const words = wordsOf(problem, kind) ?? { text: problem, todo: m.sources_check_servers_log() }
  return { ...words, detail: problem_detail, when: problem_at && when(problem_at) }
}

/** "Retries in 12 s", to the second when that is soon. */
export function retryWords(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1_000)
  if (seconds <= 0) return m.sources_retrying_now()
  if (seconds < 90) return m.sources_retries_in_seconds_s({ seconds })
  const minutes = Math.round(seconds / 60)
  return minutes < 90
    ? m.sources_retries_in_minutes_min({ minutes })
    : m.sources_retries_in_minutes_h({ minutes: Math.round(minutes / 60) })
}

/** From when something happened over there until it arrived here. */
export function lagWords(ms: number): string {
  if (ms < 1_000) return m.sources_under_second()
  const seconds = ms / 1_000
  if (seconds < 90) return m.sources_seconds_s({ seconds: Math.round(seconds) })
  if (seconds < 90 * 60) return m.sources_seconds_min({ seconds: Math.round(seconds / 60) })
  if (seconds < 48 * 3_600) return m.sources_seconds_h({ seconds: Math.round(seconds / 3_600) })
  return m.sources_seconds_days({ seconds: Math.round(seconds / 86_400) })
}

function wordsOf(problem: string, kind: SourceKind | undefined): ProblemWords | undefined {
  const common: Readonly<Record<string, ProblemWords>> = sourceProblems
  const words = kind?.problems[problem] ?? common[problem]
  return words && { text: localText(words.text), todo: localText(words.todo) }
}

/** "TikTok LIVE · @mira", without saying the same twice. */
export function accountWords({ kind, account, name }: Source, of: SourceKind | undefined): string {
  const called = `${of?.account_prefix ?? ''}${account}`
  const kindName = of?.name ?? kind
  return name === called ? kindName : `${kindName} · ${called}`
}

/** Sources in the order of their kinds; those of unknown kinds come last. */
export function inOrderOf(kinds: readonly SourceKind[], sources: readonly Source[]): Source[] {
  const place = (source: Source) => {
    const n = kinds.findIndex(({ kind }) => kind === source.kind)
    return n < 0 ? kinds.length : n
  }
  return [...sources].sort((a, b) => place(a) - place(b))
}

/** What was entered, without what was left empty. */
export function entered(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, value.trim()])
      .filter(([, value]) => value !== ''),
  )
}
