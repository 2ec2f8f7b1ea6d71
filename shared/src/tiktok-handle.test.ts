import { expect, test } from 'vitest'
import { readHandle } from './tiktok-handle.ts'

test.each([
  'mira',
  '@mira',
  ' @Mira ',
  '＠mira',
  'https://www.tiktok.com/@mira',
  'http://tiktok.com/@mira/',
  'www.tiktok.com/@MIRA',
  'tiktok.com/@mira/live',
  'https://www.tiktok.com/@mira/live?enter_from_merge=general_search&_r=1',
  'https://m.tiktok.com/@mira?lang=en',
  'https://www.tiktok.com/%40mira',
  'https://www.tiktok.com/@mira/video/7310000000000000001',
  'Come and watch my LIVE! https://www.tiktok.com/@mira/live see you there',
  '\u200E@mira\u2069',
])('[TIKTOK-1] %j is the handle mira', (entered) => {
  expect(readHandle(entered)).toEqual({ handle: 'mira' })
})

test.each([
  ['https://vm.tiktok.com/ZM8abcde/', 'short_link'],
  ['vt.tiktok.com/ZS1', 'short_link'],
  ['https://www.tiktok.com/t/ZT8abc/', 'short_link'],
  ['https://www.tiktok.com/foryou', 'no_handle'],
  ['https://www.tiktok.com/%E0%A4%A', 'no_handle'],
  ['https://example.com/@mira', 'no_handle'],
  ['Mira’s shop', 'no_handle'],
  ['a', 'no_handle'],
  ['a'.repeat(25), 'no_handle'],
  ['日本の店', 'no_handle'],
  ['', 'no_handle'],
])('[TIKTOK-1] %j holds no handle: %s', (entered, problem) => {
  expect(readHandle(entered)).toEqual({ problem })
})
