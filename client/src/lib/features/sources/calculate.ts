import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { type ProblemWords, sourceProblems, sourceStates } from '@creatorflow/shared/sources'
import { formatMoment, formatTime, formatWhen } from '#lib/when.ts'
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
        name: 'Not running',
        text: 'No server is running this source. The figures below are old.',
      }
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format
  return {
    tone: isHeld ? tones[source.state] : 'warn',
    state: name,
    text,
    since: (now - since < ONE_DAY_MS ? formatTime : formatMoment)(since, locale),
    problem: isHeld ? problemOf(source, kind, when) : kind ? notHeld : unknownKind(source),
    retry: isHeld && source.retry_at ? retryWords(Date.parse(source.retry_at), now) : null,
    facts: [
      { name: 'Messages per second', value: count(source.messages_per_s) },
      { name: 'Messages', value: count(source.messages) },
      { name: 'Events stored', value: count(source.events) },
      {
        name: 'Newest event',
        value: source.last_event_at ? when(source.last_event_at) : 'None yet',
      },
      { name: 'Lag', value: source.lag_ms === null ? '–' : lagWords(source.lag_ms) },
    ],
  }
}

const notHeld = {
  text: 'No server is running this source, so it receives nothing.',
  todo: 'Check that a process with the pipeline role is running and that MAX_HELD_SOURCES is high enough.',
  detail: null,
  when: null,
}

/** Made by a release that knew its kind, such as before a way back to an older one. */
function unknownKind({ kind }: Source): SourceView['problem'] {
  return {
    text: `This server doesn’t support the source type “${kind}”, so it receives nothing.`,
    todo: 'Update the server, or remove this source.',
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
  const words = wordsOf(problem, kind) ?? { text: problem, todo: 'Check the server’s log.' }
  return { ...words, detail: problem_detail, when: problem_at && when(problem_at) }
}

/** "Retries in 12 s", to the second when that is soon. */
export function retryWords(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1_000)
  if (seconds <= 0) return 'Retrying now'
  if (seconds < 90) return `Retries in ${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `Retries in ${minutes} min` : `Retries in ${Math.round(minutes / 60)} h`
}

/** From when something happened over there until it arrived here. */
export function lagWords(ms: number): string {
  if (ms < 1_000) return 'under a second'
  const seconds = ms / 1_000
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

function wordsOf(problem: string, kind: SourceKind | undefined): ProblemWords | undefined {
  const common: Readonly<Record<string, ProblemWords>> = sourceProblems
  return kind?.problems[problem] ?? common[problem]
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
