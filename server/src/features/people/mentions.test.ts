import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formsOf, mentions } from './mentions.ts'

const text = (value: unknown) => Buffer.from(JSON.stringify(value))

test('[PRIVACY-1] an id is found as text, within JSON, as a number of JSON and of protobuf', () => {
  const anna = 'anna "the buyer" \\ 1'
  expect(mentions(text({ user: { id: anna } }), anna)).toBe(true)
  expect(mentions(Buffer.from(anna), anna)).toBe(true)
  expect(mentions(Buffer.from('{"id":706405506930370084}'), '706405506930370084')).toBe(true)
  // Field 1, a varint, as a socket sends it.
  const message = Buffer.concat([
    Buffer.of(0x08),
    ...formsOf('706405506930370084').slice(1),
    Buffer.of(0x10, 1),
  ])
  expect(mentions(message, '706405506930370084')).toBe(true)
  expect(mentions(message, '706405506930370085')).toBe(false)
})

test('[PRIVACY-1] part of a longer id is someone else', () => {
  for (const id of ['user 10', 'user_1', '1', 'xuser 1', '21', '12'].map((user) => ({ user })))
    expect(mentions(text(id), 'user 1'), JSON.stringify(id)).toBe(false)
  expect(mentions(text({ n: 112 }), '1')).toBe(false)
})

test('[PRIVACY-1] an id is found anywhere in a message', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((id) => /\w/.test(id)),
      fc.array(fc.string()),
      fc.nat(),
      (id, around, at) => {
        const list = around.toSpliced(at % (around.length + 1), 0, id)
        expect(mentions(text(list), id)).toBe(true)
      },
    ),
  )
})
