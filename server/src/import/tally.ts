import type { IngestAccount } from '@creatorflow/shared/features/ingest'
import type { CheckedItem, RejectedItem } from './transfer.ts'

const SAMPLES_OF_A_REJECT = 3

export interface Tally {
  readonly counts: {
    sent: number
    accepted: number
    duplicates: number
    conflicts: number
    rejected: number
  }
  /** By code, with a few samples. */
  readonly rejected: Map<string, { count: number; samples: string[] }>
}

export function emptyTally(): Tally {
  return {
    counts: { sent: 0, accepted: 0, duplicates: 0, conflicts: 0, rejected: 0 },
    rejected: new Map(),
  }
}

/** Notes what the server told of these events, and returns those that it rejected. */
export function noteAccount(
  { counts }: Tally,
  sent: readonly CheckedItem[],
  account: IngestAccount,
): RejectedItem[] {
  counts.sent += sent.length
  counts.accepted += account.accepted
  counts.duplicates += account.duplicates
  counts.conflicts += account.conflicts.length
  return account.rejected.map(({ index, code, message }) => {
    const item = sent[index]
    return { row: item?.row ?? 0, column: '', reason: `${item?.event.id}: ${message}`, code }
  })
}

export function noteRejected(tally: Tally, { row, column, reason, code }: RejectedItem): void {
  tally.counts.rejected++
  const known = tally.rejected.get(code) ?? { count: 0, samples: [] }
  known.count++
  const sample = `row ${row}${column === '' ? '' : `, ${column}`}: ${reason}`
  if (known.samples.length < SAMPLES_OF_A_REJECT) known.samples.push(sample)
  tally.rejected.set(code, known)
}

/** The tally for a person. */
export function tallyWords({ counts, rejected }: Tally, isDryRun: boolean): string[] {
  const others = counts.conflicts > 0 ? ` (${counts.conflicts} with other content)` : ''
  const first = isDryRun
    ? `${counts.sent} would be sent, ${counts.rejected} rejected`
    : `${counts.sent} sent: ${counts.accepted} accepted, ${counts.duplicates} duplicates${others}, ${counts.rejected} rejected`
  return [
    first,
    ...[...rejected].map(
      ([code, { count, samples }]) => `  ${count} × ${code}, such as ${samples.join('; ')}`,
    ),
  ]
}
