import type { Messages } from './messages.ts'

const call = /\bm\.(\w+)\(/g

/**
 * A source in which messages are their texts, as if they had been written there: a built page calls no function for
 * them. Plurals, markup and calls that are not a plain list of inputs stay.
 */
export function inlineMessages(source: string, messages: Messages): string {
  let result = ''
  let done = 0
  for (const { 0: found, 1: key = '', index } of source.matchAll(call)) {
    const message = messages[key]
    if (index < done || typeof message !== 'string' || /\{[#/]/.test(message)) continue
    const args = argumentsOf(source, index + found.length)
    const text = args && textOf(message, args.inputs, messages)
    if (text === undefined || text === null) continue
    result += source.slice(done, index) + text
    done = args?.end ?? index
  }
  return result + source.slice(done)
}

/** The expression of a message with its inputs; undefined unless each is used exactly once. */
function textOf(
  message: string,
  inputs: ReadonlyMap<string, string>,
  messages: Messages,
): string | undefined {
  const used: string[] = []
  const parts = message.split(/(\\.|\{\w+\})/).map((part) => {
    if (/^\{\w+\}$/.test(part)) {
      const name = part.slice(1, -1)
      used.push(name)
      return `\${${inlineMessages(inputs.get(name) ?? '', messages)}}`
    }
    const text = /^\\.$/.test(part) ? part.slice(1) : part
    return text.replaceAll(/[\\`$]/g, '\\$&')
  })
  const names = [...inputs.keys()]
  if (used.length !== names.length || new Set([...used, ...names]).size !== names.length) return
  return used.length > 0
    ? `\`${parts.join('')}\``
    : JSON.stringify(message.replaceAll(/\\(.)/g, '$1'))
}

/** The inputs in an object that begins at `from`, with the end of the call; null if it is anything else. */
function argumentsOf(source: string, from: number) {
  const inputs = new Map<string, string>()
  if (source[from] === ')') return { inputs, end: from + 1 }
  const open = from + (/^\s*\{/.exec(source.slice(from))?.[0].length ?? 0)
  if (open === from) return null
  let start = open
  for (let at = open; at < source.length; at = after(source, at)) {
    const letter = source[at]
    if (letter !== ',' && letter !== '}') continue
    const input = /^(\w+)(?::\s*(.+))?$/s.exec(source.slice(start, at).trim())
    if (input) inputs.set(input[1] ?? '', input[2] ?? input[1] ?? '')
    else if (source.slice(start, at).trim() !== '') return null
    start = at + 1
    if (letter === '}') {
      const end = /^\s*,?\s*\)/.exec(source.slice(start))
      return end && { inputs, end: start + end[0].length }
    }
  }
  return null
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** The place after the letter, text or brackets at `at`. */
function after(source: string, at: number): number {
  const letter = source[at] ?? ''
  if (letter === '\\') return at + 2
  if (letter === "'" || letter === '"' || letter === '`') {
    let next = at + 1
    while (next < source.length && source[next] !== letter) {
      const holds = letter === '`' && source.startsWith('${', next)
      next = holds ? after(source, next + 1) : next + (source[next] === '\\' ? 2 : 1)
    }
    return next + 1
  }
  const end = closing[letter]
  if (end === undefined) return at + 1
  let next = at + 1
  while (next < source.length && source[next] !== end) next = after(source, next)
  return next + 1
}

const wrapper =
  /export const (\w+) = \/\*\* @type [^\n]* \*\/ \(\(inputs(?: = \{\})?, options = \{\}\) => \{\n\texperimentalStaticLocale \?\? options\.locale \?\? getLocale\(\)\n\treturn (\w+)\(inputs\)\n\}\);/

/** A compiled message without the function that chooses the locale: there is one. */
export const withoutChoice = (compiled: string): string =>
  compiled.replace(wrapper, 'export const $1 = $2;')
