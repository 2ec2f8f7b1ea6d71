import { parseSync } from 'vite'

export interface Limits {
  readonly linesPerFile: number
  readonly linesPerFunction: number
}

/** Files that may be longer than others, or have longer functions, and why. */
export interface Exception {
  readonly files: RegExp
  readonly allows: 'long file' | 'long functions'
  readonly reason: string
}

/** What every node of the syntax tree has; its other fields are values, nodes or lists of nodes. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
])

/** What is longer than it may be, in words. */
export function tooLong(
  path: string,
  text: string,
  limits: Limits,
  exceptions: readonly Exception[],
): string[] {
  const isAllowed = (what: Exception['allows']) =>
    exceptions.some(({ files, allows }) => allows === what && files.test(path))
  const lines = text.trimEnd().split('\n').length
  const isLong = lines > limits.linesPerFile && !isAllowed('long file')
  const functions = isAllowed('long functions') ? [] : functionsOf(path, text)
  return [
    ...(isLong ? [`${path}: ${lines} lines; a file has at most ${limits.linesPerFile}`] : []),
    ...functions
      .filter((found) => found.lines > limits.linesPerFunction)
      .map(
        (found) =>
          `${path}:${found.line}: ${found.name} has ${found.lines} lines; a function has at most ${limits.linesPerFunction}`,
      ),
  ]
}

/** Every function of a TypeScript or Svelte file, but those that declare tests: they are as long as their tests. */
export function functionsOf(path: string, text: string) {
  const code = path.endsWith('.svelte') ? scriptsOf(text) : text
  const { program, errors } = parseSync('file.ts', code)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const found: { readonly name: string; readonly line: number; readonly lines: number }[] = []
  walk(program as unknown as Node, 'a function', (node, name) => {
    if (!functionTypes.has(node.type) || declaresTests(node)) return
    const line = lineAt(code, node.start)
    found.push({ name, line, lines: lineAt(code, node.end) - line + 1 })
  })
  return found
}

/** Visits a node and all below it, each with the name that what it holds goes by. */
function walk(node: Node, name: string, visit: (node: Node, name: string) => void): void {
  const own = nameOf(node) ?? name
  visit(node, own)
  for (const child of childrenOf(node)) walk(child, own, visit)
}

function nameOf(node: Node): string | undefined {
  const named = (node.id ?? node.key) as { readonly name?: unknown } | null | undefined
  return typeof named?.name === 'string' ? named.name : undefined
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof (value as Node | null)?.type === 'string')
}

/** Whether a function itself calls `test` or `describe`, in whatever form. */
function declaresTests(of: Node): boolean {
  return childrenOf(of).some(
    (child) =>
      !functionTypes.has(child.type) &&
      ((child.type === 'CallExpression' && /^(describe|test|it)$/.test(calledBy(child))) ||
        declaresTests(child)),
  )
}

/** `describe` of `describe.each(rows)('…', …)`. */
function calledBy(node: Node): string {
  const inner = node.callee ?? node.tag ?? node.object
  return inner === undefined ? String(node.name) : calledBy(inner as Node)
}

/** The scripts of a component at their lines; what else it holds is blank. */
function scriptsOf(text: string): string {
  const blank = (other: string) => other.replace(/[^\n]/g, ' ')
  let code = ''
  let end = 0
  for (const script of text.matchAll(/(?<=<script\b[^>]*>)[\s\S]*?(?=<\/script>)/g)) {
    code += blank(text.slice(end, script.index)) + script[0]
    end = script.index + script[0].length
  }
  return code + blank(text.slice(end))
}

function lineAt(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) {
    line++
  }
  return line
}
