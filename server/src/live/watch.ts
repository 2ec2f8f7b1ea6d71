import { latestLive, snapshotOf } from '@creatorflow/shared/live-state'
import { type Requests, roomOf, type WatchReply } from '@creatorflow/shared/socket'
import { AppError } from '../core/errors.ts'
import { authorize } from '../core/rights/authorize.ts'
import type { Quotas } from '../quotas/quotas.ts'
import type { Follower } from './follow.ts'
import type { Followers } from './followers.ts'
import type { LiveSocket } from './live-socket.ts'

/**
 * Lets a socket into the room of a creator that it may read; the answer includes everything up to its `seq`,
 * and later changes come to the room. A failed watch leaves the socket unchanged.
 */
export async function watch(
  socket: LiveSocket,
  { creator_id, session_id, since }: Requests['watch'],
  deps: {
    readonly followers: Followers
    readonly quotas: Pick<Quotas, 'spendSocket'>
    readonly maxWatches: number
  },
): Promise<() => WatchReply> {
  const { watching, authentication } = socket.data
  authorize(authentication.principal, 'read', creator_id)
  const isNew = !watching.has(creator_id)
  if (isNew && watching.size >= deps.maxWatches) {
    throw new AppError('too_many', `A connection can watch at most ${deps.maxWatches} creators.`)
  }
  if (isNew) deps.quotas.spendSocket(creator_id, watchersOf(socket, creator_id))
  watching.add(creator_id)
  try {
    const follower = await deps.followers.get(creator_id)
    const isAhead = since?.epoch === follower.epoch && since.seq > follower.state.seq
    // Another node, which got these events first, sent it.
    if (isAhead) await follower.catchUp('poll')
    if (!socket.connected || !watching.has(creator_id)) {
      throw new AppError('conflict', 'The connection or its watch has ended.')
    }
    if (session_id !== undefined && !Object.hasOwn(follower.state.lives, session_id)) {
      throw new AppError('not_live', 'This LIVE is no longer in the live state. See its history.')
    }
    // Joined before the state is read: what comes in between arrives twice instead of never.
    await socket.join(roomOf(creator_id))
    return () => replyOf(follower, session_id, since)
  } catch (error) {
    if (isNew) await unwatch(socket, creator_id)
    throw error
  }
}

function watchersOf({ nsp }: LiveSocket, creatorId: string): number {
  return nsp.adapter.rooms.get(roomOf(creatorId))?.size ?? 0
}

/** The socket gets nothing more of this creator. */
export async function unwatch(socket: LiveSocket, creatorId: string): Promise<void> {
  socket.data.watching.delete(creatorId)
  await socket.leave(roomOf(creatorId))
}

function replyOf(
  follower: Follower,
  sessionId: string | undefined,
  since: Requests['watch']['since'],
): WatchReply {
  const { state, epoch, creator } = follower
  if (!follower.ready && follower.problem) throw follower.problem
  if (!follower.ready) throw new AppError('unavailable', 'The numbers are being reloaded.')
  const position = { epoch, seq: state.seq, creator, at: Date.now() }
  const changes = since?.epoch === epoch ? follower.since(since.seq) : undefined
  if (changes) return { ...position, recovered: true, changes }
  const snapshot = snapshotOf(state, sessionId ?? latestLive(state.lives))
  return { ...position, recovered: false, snapshot }
}
