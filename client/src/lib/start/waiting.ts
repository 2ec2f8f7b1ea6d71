import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { type ProblemWords, sourceProblems } from '@creatorflow/shared/sources'
import { localText } from '#lib/catalogue.ts'
import { m } from '#messages'

/** What a creator without a LIVE waits for. */
export interface Waiting {
  readonly title: string
  readonly text: string
  /** What keeps it from coming. */
  readonly problem: ProblemWords | null
  readonly hasLives: boolean
  readonly hasOrders: boolean
}

/** What the page of a creator says before the first LIVE, by what is connected. */
export function waitingFor(kinds: readonly SourceKind[], sources: readonly Source[]): Waiting {
  const kindOf = (source: Source) => kinds.find(({ kind }) => kind === source.kind)
  const on = sources.filter(({ enabled }) => enabled)
  const providing = (wanted: SourceKind['provides']) =>
    on.filter((source) => kindOf(source)?.provides === wanted)
  const [lives] = providing('lives')
  const [orders] = providing('orders')
  const has = { hasLives: lives !== undefined, hasOrders: orders !== undefined }
  if (lives) {
    const kind = kindOf(lives)
    return {
      title: m.start_waiting_for_account_prefix_account({
        account_prefix: kind?.account_prefix ?? '',
        account: lives.account,
      }),
      text: m.start_this_page_becomes_your_dashboard({
        interval: checkedWords(kind?.checked_every_s ?? null),
      }),
      problem: problemOf(lives, kind),
      ...has,
    }
  }
  if (orders) {
    return {
      title: m.start_name_is_connected({ name: kindOf(orders)?.name ?? orders.name }),
      text: m.start_connect_your_tiktok_too_your(),
      problem: problemOf(orders, kindOf(orders)),
      ...has,
    }
  }
  return {
    title: m.start_no_live_yet(),
    text: m.start_connect_your_tiktok_your_dashboard(),
    problem: null,
    ...has,
  }
}

/** Only what somebody should know now: a check that failed once is made again. */
function problemOf({ state, problem }: Source, kind: SourceKind | undefined): Waiting['problem'] {
  if (problem === null || (state !== 'needs_you' && state !== 'retrying')) return null
  const common: Readonly<Record<string, ProblemWords>> = sourceProblems
  const words = kind?.problems[problem] ?? common[problem]
  return words ? { text: localText(words.text), todo: localText(words.todo) } : null
}

function checkedWords(everyS: number | null): string {
  if (everyS === null) return m.start_you_can_leave_it_open()
  if (everyS === 1) return m.start_we_check_every_second()
  return everyS % 60 === 0 && everyS > 60
    ? m.start_we_check_every_every_s_minutes({ everyS: everyS / 60 })
    : m.start_we_check_every_every_s_seconds({ everyS })
}
