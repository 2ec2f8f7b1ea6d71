import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pictures, renderPicture } from './icons.ts'

interface Icon {
  readonly src: string
  readonly sizes: string
  readonly type: string
  readonly purpose?: string
}

const folder = (name: string) => join(import.meta.dirname, name)
const manifest = JSON.parse(readFileSync(folder('static/manifest.webmanifest'), 'utf8'))
const icons: readonly Icon[] = manifest.icons
const page = readFileSync(folder('src/app.html'), 'utf8')
// It adds what needs a whole address.
const server = readFileSync(folder('../server/src/http/client-files.ts'), 'utf8')
const pictureOf = (src: string) => pictures.find(({ file }) => `/${file}` === src)

test('[PAGE-7] what browsers ask of an app that can be installed is in the manifest', () => {
  expect(manifest).toMatchObject({ start_url: '/', scope: '/', display: 'standalone' })
  const sizes = icons.filter(({ type }) => type === 'image/png').map(({ sizes }) => sizes)
  expect(sizes).toEqual(expect.arrayContaining(['192x192', '512x512']))
  expect(icons.some(({ purpose }) => purpose === 'maskable')).toBe(true)
  expect(page).toContain('rel="manifest"')
})

test('[PAGE-7] every picture that is named is made, in the size that is told', () => {
  for (const { src, sizes, type } of icons) {
    if (type !== 'image/png') continue
    const picture = pictureOf(src)
    expect(`${picture?.width}x${picture?.height}`, src).toBe(sizes)
  }
  const named = [
    ...page.matchAll(/%sveltekit\.assets%(\/[\w.-]+\.png)/g),
    ...server.matchAll(/\$\{publicUrl\}(\/[\w.-]+\.png)/g),
  ].map(([, src]) => src)
  expect(named.length).toBeGreaterThan(1)
  for (const src of named) expect(pictureOf(src ?? ''), src).toBeDefined()
  for (const { file } of pictures) {
    expect(`${JSON.stringify(icons)}${page}${server}`, file).toContain(file)
  }
})

test.each(pictures)(
  '[PAGE-7] $file is a PNG of its size, with the mark in the middle',
  (picture) => {
    const bytes = renderPicture(picture)
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([
      picture.width,
      picture.height,
    ])
    const length = bytes.readUInt32BE(33)
    const rows = inflateSync(bytes.subarray(41, 41 + length))
    const pixel = (x: number, y: number) => {
      const at = y * (picture.width * 4 + 1) + 1 + x * 4
      return [...rows.subarray(at, at + 4)]
    }
    const scale = (Math.min(picture.width, picture.height) * picture.share) / 32
    const onBoard = (x: number, y: number) =>
      pixel(
        Math.floor(picture.width / 2 + (x - 16) * scale),
        Math.floor(picture.height / 2 + (y - 16) * scale),
      )
    expect(onBoard(22, 9)).toEqual([0x2f, 0xe6, 0xde, 255])
    expect(onBoard(16, 28)).toEqual([0x11, 0x15, 0x1e, 255])
    expect(pixel(0, 0)[3]).toBe(picture.isRound ? 0 : 255)
  },
)
