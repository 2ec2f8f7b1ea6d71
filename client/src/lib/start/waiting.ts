import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { type ProblemWords, sourceProblems } from '@creatorflow/shared/sources'

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
      title: `Waiting for ${kind?.account_prefix ?? ''}${lives.account} to go LIVE`,
      text: `This page becomes your dashboard when the LIVE starts. ${checkedWords(kind?.checked_every_s ?? null)}`,
      problem: problemOf(lives, kind),
      ...has,
    }
  }
  if (orders) {
    return {
      title: `${kindOf(orders)?.name ?? orders.name} is connected`,
      text: 'Connect your TikTok too: your dashboard then starts when you go LIVE.',
      problem: problemOf(orders, kindOf(orders)),
      ...has,
    }
  }
  return {
    title: 'No LIVE yet',
    text: 'Connect your TikTok: your dashboard then starts when you go LIVE.',
    problem: null,
    ...has,
  }
}

/** Only what somebody should know now: a check that failed once is made again. */
function problemOf({ state, problem }: Source, kind: SourceKind | undefined): Waiting['problem'] {
  if (problem === null || (state !== 'needs_you' && state !== 'retrying')) return null
  const common: Readonly<Record<string, ProblemWords>> = sourceProblems
  return kind?.problems[problem] ?? common[problem] ?? null
}

function checkedWords(everyS: number | null): string {
  if (everyS === null) return 'You can leave it open.'
  if (everyS === 1) return 'We check every second.'
  return everyS % 60 === 0 && everyS > 60
    ? `We check every ${everyS / 60} minutes.`
    : `We check every ${everyS} seconds.`
}
