import type { Database } from '@creatorflow/db/database'
import type { Config } from '../core/config/config.ts'
import type { Job } from '../core/job.ts'
import { forgetLetters } from '../dead-letters/dead-letters.ts'
import { forgetDeliveries } from './runtime/inbox.ts'
import { forgetOrders } from './shopify/order-book.ts'

export interface ForgetDeliveriesDeps {
  readonly database: Database
  readonly config: Pick<Config, 'deliveriesKeptDays' | 'shopOrdersKeptDays' | 'deadLettersKeptDays'>
}

/** Deletes what shops delivered, what is remembered of their orders, and dead letters, each past its own days. */
export function forgetDeliveriesJob({ database, config }: ForgetDeliveriesDeps): Job {
  return {
    name: 'forget-deliveries',
    title: 'Delete old deliveries, remembered orders and dead letters',
    cron: '17 * * * *',
    per: 'installation',
    async run() {
      await forgetDeliveries(database, config.deliveriesKeptDays)
      await forgetOrders(database, config.shopOrdersKeptDays)
      await forgetLetters(database, config.deadLettersKeptDays)
    },
  }
}
