import { crc32, deflateSync } from 'node:zlib'

/** The mark of `static/favicon.svg`, drawn on a board of 32 × 32. */
const BOARD = 32
const line = [
  [5, 21],
  [11, 14],
  [16, 18],
  [22, 9],
  [27, 14],
] as const
const HALF_STROKE = 1.5
const CORNER = 8
const ground = [0x11, 0x15, 0x1e] as const
const ink = [0x2f, 0xe6, 0xde] as const

export interface Picture {
  readonly file: string
  readonly width: number
  readonly height: number
  /** Corners are round and what lies outside is clear; a platform that cuts icons itself wants the whole square. */
  readonly isRound: boolean
  /** Of the shorter side, how much the board takes: a mask may cut off a fifth on each side. */
  readonly share: number
}

/** Every picture that the pages and the manifest name. */
export const pictures: readonly Picture[] = [
  { file: 'icon-192.png', width: 192, height: 192, isRound: true, share: 1 },
  { file: 'icon-512.png', width: 512, height: 512, isRound: true, share: 1 },
  { file: 'icon-maskable-512.png', width: 512, height: 512, isRound: false, share: 0.72 },
  { file: 'apple-touch-icon.png', width: 180, height: 180, isRound: false, share: 0.86 },
  { file: 'og.png', width: 1200, height: 630, isRound: false, share: 0.6 },
]

/** A picture as a PNG. */
export function renderPicture({ width, height, isRound, share }: Picture): Buffer {
  const scale = (Math.min(width, height) * share) / BOARD
  const stride = width * 4 + 1
  const rows = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at: Point = [
        (x + 0.5 - width / 2) / scale + BOARD / 2,
        (y + 0.5 - height / 2) / scale + BOARD / 2,
      ]
      const marked = coverage(distanceToLine(at) - HALF_STROKE, scale)
      const shown = isRound ? coverage(distanceToCard(at), scale) : 1
      const pixel = y * stride + 1 + x * 4
      for (const [channel, from] of ground.entries()) {
        rows[pixel + channel] = Math.round(from + ((ink[channel] ?? 0) - from) * marked)
      }
      rows[pixel + 3] = Math.round(255 * shown)
    }
  }
  return png(width, height, rows)
}

type Point = readonly [x: number, y: number]

/** How much of a pixel is within an edge, by its distance on the board. */
const coverage = (distance: number, scale: number): number =>
  Math.min(1, Math.max(0, 0.5 - distance * scale))

function distanceToLine([x, y]: Point): number {
  let least = Number.POSITIVE_INFINITY
  for (let n = 1; n < line.length; n++) {
    const [ax, ay] = line[n - 1] as Point
    const [bx, by] = line[n] as Point
    const [dx, dy] = [bx - ax, by - ay]
    const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    const t = Math.min(1, Math.max(0, along))
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy))
  }
  return least
}

function distanceToCard([x, y]: Point): number {
  const half = BOARD / 2
  const dx = Math.abs(x - half) - half + CORNER
  const dy = Math.abs(y - half) - half + CORNER
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - CORNER
}

function png(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits each of red, green, blue and alpha.
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const body = deflateSync(rows, { level: 9 })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
