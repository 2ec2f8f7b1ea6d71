/** The longer side of a stored logo: enough for the share card on a dense screen. */
const SIDE = 256
/** What a server takes by default. */
const MOST_BYTES = 60_000
/** The first that is small enough is taken: transparency is kept as long as it can be. */
const forms = [
  ['image/webp', 0.92],
  ['image/png', 1],
  ['image/webp', 0.7],
  ['image/jpeg', 0.8],
] as const

/** A picture as a small image in base64, without what else its file says; null if this browser cannot read it. */
export async function shrunk(file: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d')
  if (!bitmap || !ctx) return null
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height))
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  ctx.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  for (const [type, quality] of forms) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, quality))
    if (blob && blob.size <= MOST_BYTES) return base64Of(await blob.arrayBuffer())
  }
  return null
}

function base64Of(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
