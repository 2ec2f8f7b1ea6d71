import type { SourceProblem } from '@creatorflow/shared/sources'
import type { Report, SourceContext } from '../runtime/source.ts'
import type { Trouble } from './api.ts'

/** A shop's status, from its parts: the worst is shown. */
export interface Status {
  /** The API: its current problem, or that it has answered. */
  api(trouble: Trouble): void
  /** A polling round: what was refused in it, or that everything was answered. */
  round(problem: { readonly problem: SourceProblem; readonly detail: string } | undefined): void
  /** Nothing continues without a person. */
  stuck(problem: SourceProblem, detail: string): void
  /** Something a person should know, while everything continues; shown for an hour after the last time. */
  note(problem: SourceProblem, detail: string, at: number): void
}

const NOTED_MS = 3_600_000

export function createStatus(context: Pick<SourceContext, 'report' | 'now'>): Status {
  let stuck: Report | undefined
  let trouble: Trouble
  let refused: { readonly problem: SourceProblem; readonly detail: string } | undefined
  let noted: { readonly problem: SourceProblem; readonly detail: string; at: number } | undefined

  function current(): Report {
    if (stuck) return stuck
    if (trouble) return { state: 'retrying', ...trouble }
    if (refused) return { state: 'retrying', ...refused }
    if (noted && context.now() - noted.at < NOTED_MS) {
      return { state: 'receiving', problem: noted.problem, detail: noted.detail }
    }
    return { state: 'receiving' }
  }

  return {
    api(next) {
      trouble = next
      context.report(current())
    },
    round(next) {
      refused = next
      context.report(current())
    },
    stuck(problem, detail) {
      stuck = { state: 'needs_you', problem, detail }
      context.report(current())
    },
    note(problem, detail, at) {
      noted = { problem, detail, at }
      context.report(current())
    },
  }
}
