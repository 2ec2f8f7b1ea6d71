import { dirname, join, normalize } from 'node:path'

/** A source file, by its path in the repository, with the files of its workspace that it imports. */
export interface SourceFile {
  readonly path: string
  readonly imports: readonly string[]
}

export interface Floors {
  /** The folder whose subfolders are rooms. */
  readonly root: string
  /** Rooms by floor, lowest first; a room imports only from lower floors. `.` is the root's own files. */
  readonly floors: readonly (readonly string[])[]
}

const importPath = /(?:\bfrom|\bimport)\s*\(?\s*['"]((?:\.{1,2}|\$lib)\/[^'"?]+)/g

/** A file's imports within its own workspace, type imports too. */
export function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(importPath)].map(([, to = '']) =>
    to.startsWith('$lib/')
      ? join('client/src/lib', to.slice(5))
      : normalize(join(dirname(path), to)),
  )
}

/** Imports that go up, or across to a room of the same floor; and rooms without a floor. */
export function againstFloors(files: readonly SourceFile[], { root, floors }: Floors): string[] {
  const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])))
  const roomOf = (path: string) => {
    const [first = '', ...rest] = path.slice(root.length + 1).split('/')
    return rest.length === 0 ? '.' : first
  }
  const own = files.filter(({ path }) => path.startsWith(`${root}/`))
  const homeless = new Set(own.map(({ path }) => roomOf(path)).filter((room) => !floorOf.has(room)))
  const problems = [...homeless].map((room) => `${root}/${room} stands on no floor`)
  for (const { path, imports } of own) {
    for (const to of imports.filter((imported) => imported.startsWith(`${root}/`))) {
      const [from, target] = [roomOf(path), roomOf(to)]
      if (from === target) continue
      if ((floorOf.get(target) ?? 0) < (floorOf.get(from) ?? 0)) continue
      problems.push(`${path} imports ${to}: ${from} may not import ${target}`)
    }
  }
  return problems
}

/** Pairs of folders that import each other. */
export function mutualFolders(files: readonly SourceFile[]): string[] {
  const first = new Map<string, string>()
  for (const { path, imports } of files) {
    for (const to of imports) {
      const arrow = `${dirname(path)} → ${dirname(to)}`
      if (dirname(path) !== dirname(to) && !first.has(arrow))
        first.set(arrow, `${path} imports ${to}`)
    }
  }
  return [...first].flatMap(([arrow, example]) => {
    const [from = '', to = ''] = arrow.split(' → ')
    const back = first.get(`${to} → ${from}`)
    return back !== undefined && from < to
      ? [`${from} and ${to} import each other: ${example}; ${back}`]
      : []
  })
}

/** Files that import themselves through others. */
export function circles(files: readonly SourceFile[]): string[] {
  const importsBy = new Map(files.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const problems: string[] = []
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) problems.push(`a circle: ${[...trail.slice(start), path].join(' → ')}`)
    if (start >= 0 || done.has(path)) return
    for (const to of importsBy.get(path) ?? []) walk(to, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) walk(path, [])
  return problems
}

/** Features that import each other: what two need belongs below them. */
export function acrossFeatures(files: readonly SourceFile[], root: string): string[] {
  const featureOf = (path: string): string | undefined => {
    if (!path.startsWith(`${root}/`)) return undefined
    const [feature, ...rest] = path.slice(root.length + 1).split('/')
    // The list of all features does not count.
    return rest.length === 0 ? undefined : feature
  }
  return files.flatMap(({ path, imports }) => {
    const own = featureOf(path)
    if (own === undefined) return []
    return imports
      .filter((to) => (featureOf(to) ?? own) !== own)
      .map((to) => `${path} imports ${to}: features do not import each other`)
  })
}
