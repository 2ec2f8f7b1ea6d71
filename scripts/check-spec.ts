// npm run check:spec: every rule of docs/SPEC.md has a test, every test names a rule, every cited path exists.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const repository = join(import.meta.dirname, '..')
const tests = '{shared,db,server,client,load-tests,scripts,e2e}/**/*.{test,contract}.ts'
const documents = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md']
const ruleStart = /^\s*(?:[-*] )?\*\*([A-Z]+-?\d+)\*\*/gm
// A title is the first argument of a call: test('[P1][ING-3] …'), test.each(rows)('[P1] …').
const testTitle = /\(\s*['"`]((?:\[[A-Z]+-?\d+\]\s*)+)/g

const problems = [...checkRules(), ...checkPaths()]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function checkRules(): string[] {
  const problems: string[] = []
  const specPath = 'docs/SPEC.md'
  if (!existsSync(join(repository, specPath))) return [`${specPath} is missing`]
  const rules = new Set<string>()
  for (const { id, line } of matches(read(specPath), ruleStart)) {
    if (rules.has(id)) problems.push(`${specPath}:${line}: ${id} is there twice`)
    rules.add(id)
  }
  const tested = new Set<string>()
  for (const file of list(tests))
    for (const { id: title, line } of matches(read(file), testTitle))
      for (const [, id = ''] of title.matchAll(/\[([A-Z]+-?\d+)\]/g)) {
        tested.add(id)
        if (!rules.has(id)) problems.push(`${file}:${line}: ${specPath} has no rule ${id}`)
      }
  for (const id of rules) if (!tested.has(id)) problems.push(`${specPath}: no test names ${id}`)
  console.log(
    `${rules.size} rules, ${[...rules].filter((id) => tested.has(id)).length} with a test`,
  )
  return problems
}

function checkPaths(): string[] {
  return documents.flatMap(list).flatMap((document) =>
    matches(read(document), /`([^`\n]+)`/g)
      .filter(({ id }) => looksLikePath(id))
      .filter(({ id }) => !cited(document, id))
      .map(({ id, line }) => `${document}:${line}: \`${id}\` does not exist`),
  )
}

/** `db/src` or `package.json`, but not `text/plain`, nor what only a run makes. */
function looksLikePath(text: string): boolean {
  if (!/^[\w.@*{},+-]+(\/[\w.@*{},+-]*)*$/.test(text)) return false
  const [first = ''] = text.split('/')
  if (!text.includes('/')) return /^\.?[\w-]+(\.[\w-]+)*\.(json|md|ts|yml|yaml)$/.test(text)
  return first.startsWith('.') || existsSync(join(repository, first))
}

function cited(document: string, path: string): boolean {
  // A bare file name may be one that the paragraph before has placed: anywhere in the repository will do.
  const patterns = [
    path,
    join(dirname(document), path),
    ...(path.includes('/') ? [] : [`**/${path}`]),
  ]
  return patterns.some((pattern) => list(pattern.replace(/\/$/, '')).length > 0)
}

function matches(text: string, pattern: RegExp) {
  return [...text.matchAll(pattern)].map((match) => ({
    id: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }))
}

function list(pattern: string): string[] {
  const exclude = ['**/node_modules', '.services', '.data', '**/.svelte-kit', 'client/build']
  return globSync(pattern, { cwd: repository, exclude })
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}
