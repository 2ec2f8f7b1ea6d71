/** What an image is, by its content alone: what a sender calls it does not matter. */
export interface Image {
  readonly media: 'image/png' | 'image/jpeg' | 'image/webp'
  readonly width: number
  readonly height: number
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The kind and size of a PNG, JPEG or WebP; undefined for anything else, and for one that is cut off. */
export function imageOf(bytes: Uint8Array): Image | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return pngOf(all) ?? jpegOf(all) ?? webpOf(all)
  } catch (error) {
    // It ends before its own header does.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const ascii = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to)

function pngOf(bytes: Buffer): Image | undefined {
  if (!bytes.subarray(0, 8).equals(PNG) || ascii(bytes, 12, 16) !== 'IHDR') return undefined
  return { media: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** Frames that begin an image: all of C0 to CF but three that are tables. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function jpegOf(bytes: Buffer): Image | undefined {
  if (bytes.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; bytes.readUInt8(at) === 0xff; ) {
    const marker = bytes.readUInt8(at + 1)
    if (isFrame(marker)) {
      const height = bytes.readUInt16BE(at + 5)
      return { media: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

function webpOf(bytes: Buffer): Image | undefined {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 12) !== 'WEBP') return undefined
  const media = 'image/webp'
  const chunk = ascii(bytes, 12, 16)
  if (chunk === 'VP8X') {
    return { media, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
  }
  if (chunk === 'VP8L') {
    const sizes = bytes.readUInt32LE(21)
    return { media, width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1 }
  }
  if (chunk !== 'VP8 ') return undefined
  const [width, height] = [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]
  return { media, width, height }
}
