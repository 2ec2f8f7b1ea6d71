import { setLogo } from '@creatorflow/shared/features/creators'
import { describe, expect, test } from 'vitest'
import { imageOf } from './logo-image.ts'

const u16 = (n: number) => [n >> 8, n & 0xff]
const le16 = (n: number) => [n & 0xff, n >> 8]
const le24 = (n: number) => [n & 0xff, (n >> 8) & 0xff, n >> 16]
const text = (words: string) => [...Buffer.from(words, 'latin1')]
const webp = (chunk: string, rest: number[]) =>
  Uint8Array.from([
    ...text('RIFF'),
    0,
    0,
    0,
    0,
    ...text('WEBP'),
    ...text(chunk),
    0,
    0,
    0,
    0,
    ...rest,
  ])

const pixel = Buffer.from(setLogo.example.body.image, 'base64')
const jpeg = Uint8Array.from([
  ...[0xff, 0xd8],
  // Two segments that are no frame, such as a comment and a table, come before it.
  ...[0xff, 0xfe, ...u16(6), 1, 2, 3, 4],
  ...[0xff, 0xc4, ...u16(3), 9],
  ...[0xff, 0xc2, ...u16(11), 8, ...u16(48), ...u16(64), 1, 0, 0, 0],
])

describe('what an image is by its content', () => {
  test.each([
    ['a PNG', pixel, { media: 'image/png', width: 1, height: 1 }],
    ['a JPEG', jpeg, { media: 'image/jpeg', width: 64, height: 48 }],
    [
      'a WebP with alpha',
      webp('VP8X', [0, 0, 0, 0, ...le24(299), ...le24(199)]),
      { media: 'image/webp', width: 300, height: 200 },
    ],
    [
      'a lossless WebP',
      // 14 bits of each side less one.
      webp('VP8L', [0x2f, ...le16((99 & 0x3fff) | ((49 & 3) << 14)), ...le16(49 >> 2)]),
      { media: 'image/webp', width: 100, height: 50 },
    ],
    [
      'a lossy WebP',
      webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, ...le16(320), ...le16(240)]),
      { media: 'image/webp', width: 320, height: 240 },
    ],
  ])('[WEB-3] %s is known with its size', (_, bytes, image) => {
    expect(imageOf(bytes)).toEqual(image)
  })

  test('[WEB-3] anything else, and every beginning of an image, is not one', () => {
    const others = [
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      '<!doctype html>',
      'GIF89a..........................',
      'BM..............................',
      '',
    ]
    for (const other of others) expect(imageOf(Buffer.from(other)), other).toBeUndefined()
    for (let end = 0; end < 24; end++) {
      expect(imageOf(pixel.subarray(0, end)), `${end} of a PNG`).toBeUndefined()
    }
    for (let end = 0; end < 24; end++) {
      expect(imageOf(jpeg.subarray(0, end)), `${end} of a JPEG`).toBeUndefined()
    }
    // One whose segments never end in a frame.
    expect(imageOf(Uint8Array.from([0xff, 0xd8, 0xff, 0xfe, 0, 2, 0, 0]))).toBeUndefined()
    // A segment of no length must not be read for ever.
    expect(imageOf(Uint8Array.from([0xff, 0xd8, 0xff, 0xfe, 0, 0, 0xff, 0xfe]))).toBeUndefined()
  })
})
