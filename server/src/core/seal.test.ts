import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSealer, OtherKeyError } from './seal.ts'

const key = (byte: number) => Buffer.alloc(32, byte)
const sealer = (byte: number) => createSealer({ secretKey: key(byte), dataDir: '/nowhere' })

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'creatorflow-seal-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

test('[ACCESS-13] sealed text opens only in its context, and sealing twice never gives the same bytes', () => {
  const { seal, open } = sealer(1)
  for (const secret of ['', 'a', 'Grüße 👋', 'x'.repeat(10_000)]) {
    const sealed = seal(secret, 'totp:mira')
    expect(open(sealed, 'totp:mira')).toBe(secret)
    expect(Buffer.from(sealed).equals(Buffer.from(seal(secret, 'totp:mira')))).toBe(false)
    expect(() => open(sealed, 'totp:eve')).toThrow()
  }
})

test('[ACCESS-13] a changed byte, a shorter text and another form are refused', () => {
  const { seal, open } = sealer(1)
  const sealed = Buffer.from(seal('secret', 'x'))
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => open(changed, 'x')).toThrow()
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => open(sealed.subarray(0, length), 'x')).toThrow()
  }
})

test('[ACCESS-13] the wrong key gives a clear error', () => {
  const sealed = sealer(1).seal('secret', 'x')
  expect(() => sealer(2).open(sealed, 'x')).toThrow(OtherKeyError)
  expect(() => sealer(2).open(sealed, 'x')).toThrow('SECRET_KEY')
})

test('[ACCESS-13] without a configured key, one is created in the data folder, private to its owner, and kept', () => {
  const dataDir = join(folder(), 'made', 'here')
  const make = () => createSealer({ secretKey: undefined, dataDir })
  const sealed = make().seal('secret', 'x')
  expect(make().open(sealed, 'x')).toBe('secret')
  const file = join(dataDir, 'secret.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32)
  writeFileSync(file, 'nonsense')
  expect(() => make().seal('secret', 'x')).toThrow('does not contain')
})
