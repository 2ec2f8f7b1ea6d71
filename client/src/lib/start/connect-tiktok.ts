import type { Failure } from '@creatorflow/shared/errors'
import type { addSource } from '@creatorflow/shared/features/sources'
import type { HandleProblem } from '@creatorflow/shared/tiktok-handle'
import { ask } from '#lib/ask.ts'
import { m } from '#messages'
import { createNamed } from './create-creator.ts'
import { localDefaults } from './defaults.ts'

/** What to do when no handle could be read. */
export const handleProblems = {
  short_link: m.start_this_short_link_doesnt_show_handle(),
  no_handle: m.start_enter_your_tiktok_handle_such_as(),
} as const satisfies Readonly<Record<HandleProblem, string>>

/** Connects a handle to a creator. Null when it went well, also when it was connected before. */
export async function connectTikTok(creatorId: string, handle: string): Promise<Failure | null> {
  const result = await ask<typeof addSource>('POST /api/v1/creators/:creator_id/sources', {
    params: { creator_id: creatorId },
    body: { kind: 'tiktok_live', handle },
  })
  return result.ok || result.error.code === 'conflict' ? null : result.error
}

/** A creator of that name, with the time zone and currency of this browser. */
export const creatorCalled = (name: string) => createNamed({ name, ...localDefaults() })
