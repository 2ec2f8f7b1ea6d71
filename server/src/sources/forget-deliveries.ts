import type { Database } from '@creatorflow/db/database'
import type { Config } from '../core/config/config.ts'
import type { Job } from '../core/job.ts'
import { forgetLetters } from '../dead-letters/dead-letters.ts'
import { forgetDeliveries } from './runtime/inbox.ts'
import type { SourceKinds } from './runtime/registry.ts'

export interface ForgetDeliveriesDeps {
  readonly database: Database
  readonly sourceKinds: SourceKinds
  readonly config: Pick<Config, 'deliveriesKeptDays' | 'deadLettersKeptDays'>
}

/** Deletes deliveries, what kinds of sources remember of orders, and dead letters, each past its own days. */
export function forgetDeliveriesJob({ database, sourceKinds, config }: ForgetDeliveriesDeps): Job {
  return {
    name: 'forget-deliveries',
    title: 'Delete old deliveries, order records and dead letters',
    cron: '17 * * * *',
    per: 'installation',
    async run() {
      await forgetDeliveries(database, config.deliveriesKeptDays)
      for (const { ledger } of sourceKinds.values()) await ledger?.forget(database, config)
      await forgetLetters(database, config.deadLettersKeptDays)
    },
  }
}
