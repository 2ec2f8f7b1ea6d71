// npm run check:spec: every rule of docs/SPEC.md has a test and links to it, every test names a rule, every cited path exists.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { againstSpec, find, rulesOf, titlesOf } from './spec/spec.ts'

const repository = join(import.meta.dirname, '..')
const specPath = 'docs/SPEC.md'
const tests = list('{shared,db,server,client,load-tests,scripts,e2e}/**/*.{test,contract}.ts')
const documents = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md']

const spec = read(specPath)
const problems = [
  ...againstSpec(
    spec,
    specPath,
    tests.map((path) => titlesOf(path, read(path))),
  ),
  ...checkPaths(),
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${rulesOf(spec, specPath).length} rules, each with a test`)

function checkPaths(): string[] {
  return documents.flatMap(list).flatMap((document) =>
    find(read(document), /`([^`\n]+)`/g)
      .filter(({ text }) => looksLikePath(text))
      .filter(({ text }) => !cited(document, text))
      .map(({ text, line }) => `${document}:${line}: \`${text}\` does not exist`),
  )
}

/** `db/src` or `package.json`, but not `text/plain`, nor files that only a run creates. */
function looksLikePath(text: string): boolean {
  if (!/^[\w.@*{},+-]+(\/[\w.@*{},+-]*)*$/.test(text)) return false
  const [first = ''] = text.split('/')
  if (!text.includes('/')) return /^\.?[\w-]+(\.[\w-]+)*\.(json|md|ts|yml|yaml)$/.test(text)
  return first.startsWith('.') || existsSync(join(repository, first))
}

function cited(document: string, path: string): boolean {
  // A bare file name may refer to a path given earlier: anywhere in the repository will do.
  const patterns = [
    path,
    join(dirname(document), path),
    ...(path.includes('/') ? [] : [`**/${path}`]),
  ]
  return patterns.some((pattern) => list(pattern.replace(/\/$/, '')).length > 0)
}

function list(pattern: string): string[] {
  const exclude = ['**/node_modules', '.services', '.data', '**/.svelte-kit', 'client/build']
  return globSync(pattern, { cwd: repository, exclude })
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}
