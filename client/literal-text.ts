import { type AST, parse } from 'svelte/compiler'

/** A text of a component that is no message. */
export interface LiteralText {
  readonly line: number
  readonly text: string
}

/** Attributes of elements that people see or hear. */
const told = new Set(['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt', 'data-label'])
/** What stands in these is a name of the API or of a key. */
const verbatim = new Set(['code', 'kbd', 'pre', 'style', 'script', 'svg'])
const product = 'CreatorFlow Live'

/** A handle is nobody's language. */
const isHandle = (text: string) => /^@\w+$/.test(text)
const hasWords = (text: string) => /\p{L}/u.test(text.replaceAll(product, '')) && !isHandle(text)
/** Names of kinds and ids are one word in small letters; what people read begins with a capital or has several. */
const reads = (text: string) =>
  hasWords(text) && (/^\s*\p{Lu}\p{Ll}/u.test(text) || /\p{L}+[,.;:]? \p{L}/u.test(text))

type Node = AST.Fragment['nodes'][number] | { readonly type: string }

/** Texts in the markup of a component, in its attributes and in the expressions between them. */
export function literalTexts(source: string): readonly LiteralText[] {
  const found: LiteralText[] = []
  const report = (at: number, text: string) =>
    found.push({ line: source.slice(0, at).split('\n').length, text: text.trim() })
  walk(parse(source, { modern: true }).fragment, '')
  return found

  function walk(value: unknown, attribute: string): void {
    if (Array.isArray(value)) for (const one of value) walk(one, attribute)
    if (!isNode(value)) return
    const node = value as Node & Record<string, unknown> & { start: number }
    if (typeof node.name === 'string' && verbatim.has(node.name) && 'fragment' in node) return
    switch (node.type) {
      case 'Comment':
      case 'StyleDirective':
        return
      case 'Text': {
        const text = String(node.data)
        if (attribute === '' ? hasWords(text) : reads(text)) report(node.start, text)
        return
      }
      case 'Literal':
        if (typeof node.value === 'string' && reads(node.value)) report(node.start, node.value)
        return
      case 'TemplateElement': {
        const { cooked } = node.value as { cooked: string }
        if (reads(cooked)) report(node.start, cooked)
        return
      }
      case 'BinaryExpression':
        // What a value is compared with is not shown.
        if (node.operator === '===' || node.operator === '!==') return
        break
      case 'Attribute':
        walkAttribute(node as unknown as AST.Attribute)
        return
      case 'RegularElement':
        for (const one of node.attributes as AST.Attribute[]) {
          if (one.type !== 'Attribute') walk(one, attribute)
          else if (told.has(one.name)) walkTold(one)
          else if (!isMachine(one.name)) walk(expressionsOf(one), one.name)
        }
        walk(node.fragment, '')
        return
    }
    for (const [key, child] of Object.entries(node)) {
      if (key !== 'parent' && key !== 'metadata' && key !== 'typeAnnotation') walk(child, attribute)
    }
  }

  function walkAttribute(one: AST.Attribute): void {
    if (!isMachine(one.name)) walk(one.value, one.name)
  }

  function walkTold(one: AST.Attribute): void {
    for (const part of one.value === true ? [] : [one.value].flat()) {
      if (part.type !== 'Text') walk(part, one.name)
      else if (hasWords(part.data)) report(part.start, part.data)
    }
  }
}

const expressionsOf = ({ value }: AST.Attribute) =>
  value === true ? [] : [value].flat().filter(({ type }) => type === 'ExpressionTag')

/** Attributes that no person reads. */
const isMachine = (name: string) =>
  /^(class|style|d|href|src|viewBox|fileName|id|key|on\w+|aria-(labelledby|describedby|controls|keyshortcuts))$/.test(
    name,
  )

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
