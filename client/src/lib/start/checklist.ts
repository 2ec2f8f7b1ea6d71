import type { Action } from '@creatorflow/shared/endpoint'
import type { Component } from 'svelte'
import { goalSteps } from '#lib/features/goal/steps.ts'
import { sourceSteps } from '#lib/features/sources/steps.ts'

export interface StepDialogProps {
  creatorId: string
  open: boolean
  done: () => void
}

/** One step before the first LIVE; the feature that it belongs to brings it. */
export interface Step {
  readonly id: string
  readonly text: string
  /** What one has of it. */
  readonly why: string
  /** What one must be allowed to do to the creator to see it. */
  readonly needs: Action
  /** Asks the server; undefined when it does not say. */
  isDone(creatorId: string): Promise<boolean | undefined>
  /** Where it is done: at an address, or in a dialog of its own. */
  readonly at:
    | { readonly href: (creatorId: string) => string }
    | {
        readonly dialog: () => Promise<{
          readonly default: Component<StepDialogProps, object, 'open'>
        }>
      }
}

/** Every step, in the order in which it is taken. */
export const steps: readonly Step[] = [...sourceSteps, ...goalSteps]

/** The steps that a person who may do this much sees. */
export const stepsFor = (all: readonly Step[], actions: readonly Action[]): readonly Step[] =>
  all.filter(({ needs }) => actions.includes(needs))
