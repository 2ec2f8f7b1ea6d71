import { join } from 'node:path'

/** A test file, with the ids that its titles begin with. */
export interface TestFile {
  readonly path: string
  readonly titles: readonly Found[]
}

/** A match, with its line. */
export interface Found {
  readonly text: string
  readonly line: number
}

/** A rule of the specification, with the test files that it links to. */
interface Rule {
  readonly id: string
  readonly line: number
  readonly links: readonly string[]
}

/** More than this is a list of facts that nobody reads. */
// 190 since alerts and notifications, each a whole area with promises of its own.
const MAX_RULES = 190

const ruleStart = /^- \*\*([A-Z]+-?\d+)\*\*/gm
// A title is the first argument of a call: test('[P1][INGEST-1] …'), test.each(rows)('[P1] …').
const testTitle = /\(\s*['"`]((?:\[[A-Z]+-?\d+\]\s*)+)/g
const link = /\]\(([^)#]+)/g

/** The rules of a specification; links are paths from the top of the repository. */
export function rulesOf(spec: string, path: string): Rule[] {
  return find(spec, ruleStart).map(({ text, line }) => ({
    id: text,
    line,
    links: [...paragraphFrom(spec, line).matchAll(link)].map(([, to = '']) => join(path, '..', to)),
  }))
}

/** The ids that the titles of a test file begin with, one entry an id. */
export function titlesOf(path: string, text: string): TestFile {
  const titles = find(text, testTitle).flatMap(({ text, line }) =>
    [...text.matchAll(/\[([A-Z]+-?\d+)\]/g)].map(([, id = '']) => ({ text: id, line })),
  )
  return { path, titles }
}

/** Rules without a test or a link that holds, ids that no rule has, and numbers that are missing or there twice. */
export function againstSpec(
  spec: string,
  path: string,
  tests: readonly TestFile[],
  most = MAX_RULES,
): string[] {
  const rules = rulesOf(spec, path)
  const ids = new Set(rules.map(({ id }) => id))
  const idsIn = new Map(
    tests.map((file) => [file.path, new Set(file.titles.map(({ text }) => text))]),
  )
  const tested = new Set([...idsIn.values()].flatMap((found) => [...found]))
  const problems = numbering(rules, path)
  if (rules.length > most)
    problems.push(`${path}: ${rules.length} rules, at most ${most}; merge what is one promise`)
  for (const { id, line, links } of rules) {
    if (!tested.has(id)) problems.push(`${path}: no test names ${id}`)
    if (links.length === 0) problems.push(`${path}:${line}: ${id} links to no test`)
    for (const to of links)
      if (!idsIn.has(to)) problems.push(`${path}:${line}: ${id} links to ${to}, which is no test`)
      else if (!idsIn.get(to)?.has(id))
        problems.push(`${path}:${line}: no title in ${to} has ${id}`)
  }
  for (const file of tests)
    for (const { text, line } of file.titles)
      if (!ids.has(text)) problems.push(`${file.path}:${line}: ${path} has no rule ${text}`)
  return problems
}

/** Each area counts from 1, without gaps or repeats. */
function numbering(rules: readonly Rule[], path: string): string[] {
  const last = new Map<string, number>()
  return rules.flatMap(({ id, line }) => {
    const [, area = '', number = ''] = /^([A-Z]+-?)(\d+)$/.exec(id) ?? []
    const next = (last.get(area) ?? 0) + 1
    last.set(area, Number(number))
    return Number(number) === next
      ? []
      : [`${path}:${line}: ${id} stands where ${area}${next} should`]
  })
}

/** From a line to the next rule or blank line. */
function paragraphFrom(text: string, line: number): string {
  const lines = text.split('\n').slice(line - 1)
  const end = lines.findIndex((next, at) => at > 0 && (next.trim() === '' || next.startsWith('- ')))
  return lines.slice(0, end === -1 ? undefined : end).join('\n')
}

/** The first group of each match, with its line. */
export function find(text: string, pattern: RegExp): Found[] {
  return [...text.matchAll(pattern)].map((match) => ({
    text: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }))
}
