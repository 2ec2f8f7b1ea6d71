import type { Action } from '@creatorflow/shared/endpoint'

/** What the caller may do about alerts. */
export interface May {
  /** Acknowledge and silence. */
  readonly answer: boolean
  /** Make, change and delete rules. */
  readonly edit: boolean
}

export const mayOf = (actions: readonly Action[] | undefined): May => ({
  answer: actions?.includes('operate') ?? false,
  edit: actions?.includes('manage') ?? false,
})
