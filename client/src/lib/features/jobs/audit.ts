import type { jobsAudit } from '@creatorflow/shared/features/jobs'
import type { ActionWords } from '#lib/audit/words.ts'

export const jobsWords: Readonly<Record<(typeof jobsAudit)[number], ActionWords>> = {
  'job.asked': {
    group: 'Data',
    name: 'Job run by hand',
    says: ({ target }) =>
      target ? `asked for a run of the job “${target}”` : 'asked for a run of a job',
  },
}
