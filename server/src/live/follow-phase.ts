/*
 *   empty ──begun──▶ building ──at_head──▶ following ──at_head──▶ following
 *     ▲                 │  ▲                  │  │
 *     └───────lost──────┘  └──────begun───────┘  └──lost──▶ empty
 */

/**
 * `empty`: nothing of the log is held, or what is held is no longer the log. `building`: on the way to the
 * head, and not shown. `following`: reached the head, and is shown.
 */
export type FollowPhase = 'empty' | 'building' | 'following'

export type FollowEvent =
  /** A checkpoint, the base or the empty state was taken as the start. */
  | 'begun'
  /** A read found nothing more. */
  | 'at_head'
  /** Another epoch, or events that cannot be folded. */
  | 'lost'

/** Every event in every phase; null never happens. */
export const phaseAfter: Readonly<
  Record<FollowPhase, Readonly<Record<FollowEvent, FollowPhase | null>>>
> = {
  empty: { begun: 'building', at_head: null, lost: 'empty' },
  building: { begun: 'building', at_head: 'following', lost: 'empty' },
  // Restarted where a checkpoint is nearer to the head than the rest of the log.
  following: { begun: 'building', at_head: 'following', lost: 'empty' },
}
