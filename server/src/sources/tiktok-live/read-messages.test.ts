import { expect, test } from 'vitest'
import type { RawMessage } from './connector.ts'
import { readMessages } from './read-messages.ts'

const room = { id: '7400000000000000001' }
const at = 1_795_000_000_000

const like: RawMessage = {
  type: 'WebcastLikeMessage',
  data: { common: { msgId: '71' }, likeCount: 3, totalLikeCount: 9, user: { id: '5' } },
}
const known: RawMessage = { type: 'WebcastNoticeMessage', data: {} }
const novel: RawMessage = { type: 'WebcastNovelMessage', data: {} }
const breaking: RawMessage = {
  type: 'WebcastLikeMessage',
  get data(): unknown {
    throw new RangeError('too deep')
  },
}

test('[TIKTOK-4] messages become events with their keys, known ones are left out, and the rest is named', () => {
  const { events, unknown, isReadable } = readMessages([like, known, novel, breaking], room, at)
  expect(events.map(({ event, key, topic }) => [event.type, event.ts, key, topic])).toEqual([
    ['like', at, 'tiktok:71', 'WebcastLikeMessage'],
  ])
  expect(unknown).toEqual([
    { message: novel, name: expect.stringContaining('Novel') },
    { message: breaking, name: 'RangeError' },
  ])
  expect(isReadable).toBe(true)
})

test('[TIKTOK-4] messages count as unreadable only if there are some and none is known', () => {
  const readable = (messages: readonly RawMessage[]) => readMessages(messages, room, at).isReadable
  expect(readable([])).toBe(true)
  expect(readable([known])).toBe(true)
  expect(readable([novel])).toBe(false)
  expect(readable([novel, breaking])).toBe(false)
  expect(readable([novel, like])).toBe(true)
})
