/** The smallest number searched for as a protobuf number: shorter ones could be bytes of anything. */
const LEAST_VARINT = 2n ** 35n
const MOST_VARINT = 2n ** 64n

/** How a person's id can appear in a message: as text, as text within JSON, as a protobuf number. */
export function formsOf(userId: string): readonly Buffer[] {
  const texts = new Set([userId, JSON.stringify(userId).slice(1, -1)])
  return [...[...texts].map((text) => Buffer.from(text)), ...varintOf(userId)]
}

/** Whether a message names a person; an id that is part of a longer word is someone else's. */
export function mentions(message: Uint8Array, userId: string): boolean {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const [number] = varintOf(userId)
  if (number && bytes.includes(number)) return true
  return formsOf(userId).some((form) => {
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
      if (!isOfWord(bytes[at - 1]) && !isOfWord(bytes[at + form.length])) return true
    }
    return false
  })
}

function isOfWord(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCharCode(byte))
}

function varintOf(userId: string): Buffer[] {
  if (!/^[1-9]\d{0,19}$/.test(userId)) return []
  let left = BigInt(userId)
  if (left < LEAST_VARINT || left >= MOST_VARINT) return []
  const bytes: number[] = []
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return [Buffer.from([...bytes, Number(left)])]
}
