import type { jobsAudit } from '@creatorflow/shared/features/jobs'
import type { ActionWords } from '#lib/audit/words.ts'
import { m } from '#messages'

export const jobsWords: Readonly<Record<(typeof jobsAudit)[number], ActionWords>> = {
  'job.asked': {
    group: m.jobs_data(),
    name: m.jobs_job_started_manually(),
    says: ({ target }) => (target ? m.jobs_started_job_target({ target }) : m.jobs_started_job()),
  },
}
