import { idOf, numberOf, partOf, timeOf, wordsOf } from '../tiktok/values.ts'
import { ConnectorError, type Room } from './connector.ts'

/** One place's answer about a handle: its room, not on air, or no such handle. */
export type RoomAnswer = Room | 'offline' | 'unknown'

/** The status of a finished LIVE's room; every other one is on air. */
const OVER = 4
const TITLE_CHARACTERS = 200

/** Reads `{user, liveRoom}`, as in the page of a LIVE and the web API; throws if it says nothing. */
export function roomIn(info: unknown): RoomAnswer {
  const status =
    numberOf(partOf(info, 'liveRoom', 'status')) ?? numberOf(partOf(info, 'user', 'status'))
  if (partOf(info, 'user') === undefined) throw new Error('the reply has no user')
  const id = idOf(partOf(info, 'user', 'roomId'))
  if (status === OVER || id === undefined) return 'offline'
  if (status === undefined) throw new Error('the reply has no status')
  const startedAt = timeOf(partOf(info, 'liveRoom', 'startTime'))
  const title = wordsOf(partOf(info, 'liveRoom', 'title'), TITLE_CHARACTERS)
  const hostId = idOf(partOf(info, 'user', 'id'))
  return {
    id,
    ...(hostId !== undefined && { hostId }),
    ...(startedAt !== undefined && { startedAt }),
    ...(title !== undefined && { title }),
  }
}

/** Reads an answer of the web API; throws if it refuses. */
export function roomInApiAnswer(answer: unknown): RoomAnswer {
  if (partOf(answer, 'message') === 'user_not_found') return 'unknown'
  const code = numberOf(partOf(answer, 'statusCode')) ?? 0
  if (code !== 0) throw new Error(`the web API returned ${code}`)
  return roomIn(partOf(answer, 'data'))
}

/** Reads an answer of the sign server, which knows rooms too; throws if it does not. */
export function roomInSignAnswer(answer: unknown): RoomAnswer {
  const isLive = partOf(answer, 'is_live')
  if (isLive === false) return 'offline'
  const id = idOf(partOf(answer, 'room_id'))
  if (isLive === true && id !== undefined) return { id }
  throw new Error('the sign server does not know the room')
}

/** Asks one place after another until one knows; a handle is unknown only if all say so. */
export async function askInTurn(
  places: readonly (() => Promise<RoomAnswer>)[],
): Promise<Room | null> {
  const failures: string[] = []
  let isUnknown = false
  for (const ask of places) {
    try {
      const answer = await ask()
      if (answer === 'offline') return null
      if (answer !== 'unknown') return answer
      isUnknown = true
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  if (isUnknown) throw new ConnectorError('unknown_account', 'TikTok knows no such handle')
  throw new ConnectorError('api_unavailable', failures.join('; '))
}
