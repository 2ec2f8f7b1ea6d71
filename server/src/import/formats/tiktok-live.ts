import { openRecording } from '../../sources/tiktok-recording/read-recording.ts'
import type { Format } from './format.ts'

/** Recordings of TikTok LIVE messages, decoded field by field, one JSON object per line. */
export const tiktokLive: Format = {
  about: 'a recording of TikTok LIVE messages, one JSON object per line',
  prepare: () => async (path) => {
    const recording = await openRecording(path)
    return {
      get bytesRead() {
        return recording.bytesRead
      },
      async *items() {
        let row = 0
        for await (const value of recording.events())
          yield { kind: 'event', row: ++row, value: { ...value } }
      },
      summary() {
        const { skipped, offsetMs } = recording
        const { rooms, without_room } = recording.rooms()
        const byCount = [...skipped].sort(([, a], [, b]) => b - a)
        const total = byCount.reduce((sum, [, count]) => sum + count, 0)
        return {
          words: [
            `${without_room?.events ?? 0} without a LIVE, because their room is missing`,
            `${total} messages skipped${total > 0 ? ':' : ''}`,
            ...byCount.map(([reason, count]) => `  ${count} × ${reason}`),
            ...(offsetMs === undefined
              ? []
              : [`The recording’s local times are ${offsetMs / 60_000} min ahead of UTC.`]),
          ],
          json: { rooms, without_room, skipped: Object.fromEntries(byCount) },
        }
      },
    }
  },
}
