import type { jobsAudit } from '@creatorflow/shared/features/jobs'
import type { ActionWords } from '#lib/audit/words.ts'

export const jobsWords: Readonly<Record<(typeof jobsAudit)[number], ActionWords>> = {
  'job.asked': {
    group: 'Data',
    name: 'Job started manually',
    says: ({ target }) => (target ? `started the job “${target}”` : 'started a job'),
  },
}
