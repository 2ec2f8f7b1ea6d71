import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExactJson } from './exact-json.ts'

const parse = (text: string) => parseExactJson(Buffer.from(text))

test('[SHOPIFY-2] integers above 2^53 keep their digits; everything else is plain JSON', () => {
  expect(parse('{"id":9007199254740993,"n":[12,-1.5],"t":"7"}')).toEqual({
    id: '9007199254740993',
    n: [12, -1.5],
    t: '7',
  })
  expect(parse('{"a":{"a":576460752303423489},"b":9007199254740991}')).toEqual({
    a: { a: '576460752303423489' },
    b: 9007199254740991,
  })
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }), (id) => {
      expect(parse(`{"id":${id}}`)).toEqual({ id: String(id) })
    }),
  )
})

test('[SHOPIFY-2] anything but JSON in UTF-8 is refused', () => {
  for (const text of ['', '{', '{"a":1,}', "{'a':1}"]) expect(() => parse(text)).toThrow()
  expect(() => parseExactJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow()
})
