/** One HTTP call as the API reference shows it. */
export interface Call {
  readonly method: string
  /** The server's address, such as `https://live.example.com`. */
  readonly origin: string
  /** With its parameters filled in, and its query. */
  readonly path: string
  readonly body?: unknown
  /** The caller's credential: an API key, the cookie of a sign-in, or nothing. */
  readonly as: 'key' | 'sign_in' | 'nobody'
  /** The result: JSON, a file as text or as bytes, or only the status. */
  readonly answer: 'json' | 'text' | 'bytes' | 'nothing'
}

/** The languages in which each call is shown. */
export const languages = {
  curl: { name: 'curl', write: curl },
  typescript: { name: 'TypeScript', write: typescript },
  python: { name: 'Python', write: python },
} as const
export type Language = keyof typeof languages

/** A name, its value as text, and whether an environment variable holds it. */
interface Header {
  readonly name: string
  readonly before?: string
  readonly variable?: string
  readonly text?: string
}

function headersOf({ as, body, method, origin }: Call): Header[] {
  return [
    ...(as === 'key'
      ? [{ name: 'authorization', before: 'Bearer ', variable: 'CREATORFLOW_KEY' }]
      : []),
    ...(as === 'sign_in' ? [{ name: 'cookie', variable: 'CREATORFLOW_COOKIE' }] : []),
    // A cookie alone changes nothing: another page could send it too.
    ...(as === 'sign_in' && method !== 'GET' ? [{ name: 'origin', text: origin }] : []),
    ...(body !== undefined || (as === 'sign_in' && /^P/.test(method))
      ? [{ name: 'content-type', text: 'application/json' }]
      : []),
  ]
}

/** A shell command. */
export function curl(call: Call): string {
  const { method, origin, path, body } = call
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${origin}${path}'`,
    ...headersOf(call).map(({ name, before = '', variable, text }) =>
      variable ? `-H "${name}: ${before}$${variable}"` : `-H '${name}: ${text}'`,
    ),
    ...(body === undefined
      ? []
      : [`-d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`]),
  ]
  return parts.join(' \\\n  ')
}

/** A module for Node and every runtime with `fetch`. */
export function typescript(call: Call): string {
  const { method, origin, path, body, answer } = call
  const headers = headersOf(call).map(({ name, before = '', variable, text }) => {
    const key = /^\w+$/.test(name) ? name : `'${name}'`
    if (!variable) return `    ${key}: '${text}',`
    const value = `process.env.${variable}`
    return `    ${key}: ${before ? `\`${before}\${${value}}\`` : `${value} ?? ''`},`
  })
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length > 0 ? ['  headers: {', ...headers, '  },'] : []),
    ...(body === undefined
      ? []
      : [`  body: JSON.stringify(${literal(body, inTypeScript, '  ')}),`]),
  ]
  const given = options.length > 0 ? `, {\n${options.join('\n')}\n}` : ''
  const shown = {
    json: 'await response.json()',
    text: 'await response.text()',
    bytes: 'await response.arrayBuffer()',
    nothing: 'response.status',
  }
  return `const response = await fetch('${origin}${path}'${given})
if (!response.ok) throw new Error(await response.text())
console.log(${shown[answer]})`
}

/** A program for Python 3 that needs only its standard library. */
export function python(call: Call): string {
  const { method, origin, path, body, answer } = call
  const headers = headersOf(call)
  const modules = [
    ...(body !== undefined || answer === 'json' ? ['json'] : []),
    ...(headers.some(({ variable }) => variable) ? ['os'] : []),
    'urllib.request',
  ]
  const lines = headers.map(({ name, before = '', variable, text }) => {
    if (!variable) return `        "${name}": "${text}",`
    const value = `os.environ['${variable}']`
    return `        "${name}": ${before ? `f"${before}{${value}}"` : value.replaceAll("'", '"')},`
  })
  const given = [
    `    "${origin}${path}",`,
    ...(method === 'GET' ? [] : [`    method="${method}",`]),
    ...(lines.length > 0 ? ['    headers={', ...lines, '    },'] : []),
    ...(body === undefined
      ? []
      : [`    data=json.dumps(${literal(body, inPython, '    ')}).encode(),`]),
  ]
  const shown = {
    json: 'json.load(response)',
    text: 'response.read().decode()',
    bytes: 'response.read()',
    nothing: 'response.status',
  }
  return `import ${modules.join(', ')}

request = urllib.request.Request(
${given.join('\n')}
)
with urllib.request.urlopen(request) as response:
    print(${shown[answer]})`
}

interface Notation {
  /** One step of indentation. */
  readonly step: string
  key(name: string): string
  atom(value: unknown): string
}

const inTypeScript: Notation = {
  step: '  ',
  key: (name) => (/^[a-z_]\w*$/i.test(name) ? name : quoted(name, "'")),
  atom: (value) => (typeof value === 'string' ? quoted(value, "'") : String(value)),
}
const pythonWords: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' }
const inPython: Notation = {
  step: '    ',
  key: (name) => quoted(name, '"'),
  atom: (value) =>
    typeof value === 'string' ? quoted(value, '"') : (pythonWords[String(value)] ?? String(value)),
}

/** A JSON string is valid in both languages; only the quotes differ. */
function quoted(text: string, quote: "'" | '"'): string {
  const json = JSON.stringify(text)
  return quote === '"'
    ? json
    : `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function literal(value: unknown, notation: Notation, indent: string): string {
  if (typeof value !== 'object' || value === null) return notation.atom(value)
  const isList = Array.isArray(value)
  const inner = indent + notation.step
  const members = isList
    ? value.map((one) => literal(one, notation, inner))
    : Object.entries(value).map(
        ([name, one]) => `${notation.key(name)}: ${literal(one, notation, inner)}`,
      )
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (members.length === 0) return open + close
  return `${open}\n${members.map((one) => `${inner}${one},\n`).join('')}${indent}${close}`
}
