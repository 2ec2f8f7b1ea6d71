// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources of components are texts here
import { expect, test } from 'vitest'
import { inlineMessages, withoutChoice } from './inline-messages.ts'

const messages = {
  a_plain: 'Say “hi”',
  a_given: 'Hi {name}',
  a_two: '{count} of {total} `x` $\\{y\\}',
  a_twice: '{name}, {name}',
  a_escaped: 'Use \\{x\\}',
  a_marked: '{#b}A{/b}',
  a_plural: [{ declarations: ['input n'], selectors: ['n'], match: { 'n=1': 'one' } }],
} as const

test.each([
  ['<p title={m.a_plain()}>', '<p title={"Say “hi”"}>'],
  ['{m.a_escaped()}', '{"Use {x}"}'],
  ['{m.a_given({ name })}', '{`Hi ${name}`}'],
  ['m.a_given({\n  name: user?.name ?? "a, }b",\n})', '`Hi ${user?.name ?? "a, }b"}`'],
  ["m.a_given({ name: `${f({ a: [1, 2] }, ')')}` }) + 1", "`Hi ${`${f({ a: [1, 2] }, ')')}`}` + 1"],
  ['m.a_given({ name: m.a_given({ name: x }) })', '`Hi ${`Hi ${x}`}`'],
  [
    "m.a_two({ total: list.length, count: text.replace(/\\.$/, '') })",
    "`${text.replace(/\\.$/, '')} of ${list.length} \\`x\\` \\${y}`",
  ],
])('[PAGE-4] a built page holds the text of a message: %s', (source, built) => {
  expect(inlineMessages(source, messages)).toBe(built)
})

test.each([
  'm.a_plural({ n })',
  'm.a_marked.parts()',
  'm.a_marked()',
  'm.a_given(inputs)',
  'm.a_given({ ...inputs })',
  'm.a_given({ name, other })',
  'm.a_twice({ name })',
  'm.unknown({ name })',
  'm.a_given',
])('[PAGE-4] what is no plain text stays a call: %s', (source) => {
  expect(inlineMessages(source, messages)).toBe(source)
})

test('[PAGE-4] of a compiled message remains its text', () => {
  const compiled = `const en_a = /** @type {(inputs: AInputs) => LocalizedString} */ (i) => {
	return /** @type {LocalizedString} */ (\`Hi \${i?.name}\`)
};
export const a = /** @type {((inputs: AInputs, options?: { locale?: "en" }) => LocalizedString)} */ ((inputs, options = {}) => {
	experimentalStaticLocale ?? options.locale ?? getLocale()
	return en_a(inputs)
});`
  expect(withoutChoice(compiled).split('\n').at(-1)).toBe('export const a = en_a;')
})
