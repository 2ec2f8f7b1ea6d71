import type { Random } from '@creatorflow/shared/simulator/random'

/** Texts and bytes that have broken parsers. */
const nasty: readonly string[] = [
  '\0',
  '\r\n',
  '\r\n\r\n',
  '\ud800',
  '\u202e',
  '\ufeff',
  '%00',
  '%',
  '%zz',
  '../../../../etc/passwd',
  '..%2f..%2f',
  "' or 1=1 --",
  '__proto__',
  'constructor',
  '{"__proto__":{"isAdmin":true}}',
  '1e400',
  '-0',
  '9007199254740993',
  '99999999999999999999999999',
  'NaN',
  '[]',
  '{}',
  'null',
  'true',
  '"',
  '\\u0000',
  '<script>alert(1)</script>',
  '\u0000\uffff\u{1f600}',
  'a'.repeat(5_000),
  '['.repeat(2_000),
  '{"a":'.repeat(500),
  ',',
  ';',
  '?',
  '&a=1&a=2&a[b]=3',
  '#',
]

const nastyValues: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  2 ** 53,
  1e308,
  -1e-308,
  '',
  [],
  {},
  [[[[]]]],
  ['__proto__'],
  { constructor: { prototype: { isAdmin: true } } },
  { length: 1e9 },
  ...nasty,
]

/** Bytes with a few random changes: flipped, cut, doubled, swapped, or a hostile text inserted. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let out: Buffer = Buffer.from(bytes)
  for (let changes = random.between(1, 4); changes > 0; changes--) {
    const at = random.between(0, out.length)
    const to = Math.min(out.length, at + random.between(0, 40))
    const [head, middle, tail] = [out.subarray(0, at), out.subarray(at, to), out.subarray(to)]
    const bent = Buffer.from(middle)
    for (let i = 0; i < bent.length; i += random.between(1, 5)) bent[i] = random.between(0, 255)
    out = random.pick([
      () => Buffer.concat([head, bent, tail]),
      () => Buffer.concat([head, tail]),
      () => Buffer.concat([head, middle, middle, tail]),
      () => Buffer.concat([tail, middle, head]),
      () => Buffer.from(head),
      () => Buffer.concat([head, Buffer.from(random.pick(nasty)), tail]),
    ])()
  }
  return out
}

/** A JSON value with one place in it replaced, removed, renamed or wrapped. */
export function mutateJson(value: unknown, random: Random): unknown {
  if (random.chance(0.15)) return random.pick(nastyValues)
  if (Array.isArray(value)) {
    if (value.length === 0) return random.pick(nastyValues)
    const at = random.between(0, value.length - 1)
    const changed = value.with(at, mutateJson(value[at], random))
    return random.chance(0.1) ? [...changed, ...changed] : changed
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return random.pick(nastyValues)
    const at = random.between(0, entries.length - 1)
    const [key, inner] = entries[at] as [string, unknown]
    const instead: [string, unknown][] = random.pick([
      () => [[key, mutateJson(inner, random)] as [string, unknown]],
      () => [[random.pick(nasty).slice(0, 100), inner] as [string, unknown]],
      () => [],
    ])()
    // By definition, not by assignment: `__proto__` must travel as an own key.
    return Object.fromEntries([...entries.slice(0, at), ...instead, ...entries.slice(at + 1)])
  }
  return random.pick(nastyValues)
}
