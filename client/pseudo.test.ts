import { expect, test } from 'vitest'
import { inputsOf, localized, readMessages, typesOf } from './messages.ts'
import { brackets, pseudoText } from './pseudo.ts'

const [open, close] = brackets

test('[PAGE-4] a pseudo-text is longer by two fifths, accented, and between brackets', () => {
  expect(pseudoText('Before and after')).toBe(`${open}Bééfóóréé ááñd ááftéér ·${close}`)
  for (const text of ['Pin', 'My rhythm', 'Connect your TikTok', 'GMV per minute and viewers']) {
    const pseudo = pseudoText(text)
    expect(pseudo.length - 2).toBeGreaterThanOrEqual(Math.ceil(text.length * 1.4))
    expect(pseudo.startsWith(open) && pseudo.endsWith(close), pseudo).toBe(true)
  }
})

test('[PAGE-4] inputs, markup and escaped characters of a message stay as they are', () => {
  expect(pseudoText('{count} of {#b}{total}{/b}')).toBe(
    `${open}{count} óóf {#b}{total}{/b} ·${close}`,
  )
  expect(pseudoText('Use \\{x\\}')).toBe(`${open}Úšéé \\{x\\} ·${close}`)
})

test('[PAGE-4] every message of a pseudo-locale is one, variants too, and asks for the same', () => {
  const english = readMessages()
  const pseudo = localized(english, 'en-XA')
  expect(Object.keys(pseudo)).toEqual(Object.keys(english))
  for (const [key, message] of Object.entries(pseudo)) {
    const texts = typeof message === 'string' ? [message] : Object.values(message[0].match)
    for (const text of texts) expect(text, key).toMatch(/^⟦.*⟧$/s)
    expect(inputsOf(message), key).toEqual(inputsOf(english[key] ?? ''))
  }
})

test('[PAGE-4] the types name what each message is given', () => {
  const types = typesOf({ a_plain: 'Plain', a_given: 'Hi {name}', a_marked: 'See {#b}this{/b}' })
  expect(types).toContain('readonly a_plain: (() => string)\n')
  expect(types).toContain('readonly a_given: ((inputs: { name: string | number }) => string)\n')
  expect(types).toContain('readonly a_marked: (() => string) & { parts(): MessagePart[] }\n')
})
