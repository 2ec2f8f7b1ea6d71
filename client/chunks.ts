import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Rolldown } from 'vite'

type CodeSplitting = Exclude<Rolldown.OutputOptions['codeSplitting'], boolean | undefined>
type Graph = Rolldown.ChunkingContext
type Modules = ReadonlySet<string>

interface Reach {
  /** What the first numbers need. */
  readonly first: Modules
  /** What the cockpit loads right after them; what it loads on demand is in neither. */
  readonly after: Modules
  readonly otherPages: Modules
}

const sources = join(import.meta.dirname, 'src')
const source = (path: string) => join(sources, path)
const layout = source('routes/+layout.svelte')
const cockpit = source('routes/c/[creator]/+page.svelte')
const listOfPanels = source('lib/panels.ts')
const afterFirst = [
  'lib/cockpit/Panels.svelte',
  'lib/cockpit/load-panels.ts',
  'lib/features/goal/GoalBar.svelte',
  'lib/toasts/GiftToasts.svelte',
  'lib/features/alerts/AlertToasts.svelte',
  // The chart draws with it.
  'lib/charts/bars.ts',
].map(source)

/** Which modules share a file, by when the cockpit needs them: few files, and none with code for other pages. */
export function codeSplitting(): CodeSplitting {
  let known: Reach | undefined
  const among = (holds: (reach: Reach, id: string) => boolean, name: string) => ({
    name: (id: string, graph: Graph) => {
      known ??= reachOf(graph)
      return holds(known, id) ? name : null
    },
  })
  return {
    includeDependenciesRecursively: false,
    groups: [
      {
        // What the first entry needs. The rest reads the payload when it is loaded: in one file with it,
        // it would find none, and take every build for a newer one.
        name: 'first',
        test: /@sveltejs\/kit\/src\/runtime\/client\/payload|preload-helper|rolldown\/runtime/,
      },
      {
        // What runs every page; the router wants its two entries to be files of their own.
        name: 'runtime',
        test: /\/node_modules\/(svelte|@sveltejs\/kit|devalue|esm-env|clsx)\/(?!src\/runtime\/client\/((client-)?entry|payload))/,
      },
      among(({ first }, id) => first.has(id), 'shared'),
      among(({ after, otherPages }, id) => after.has(id) && otherPages.has(id), 'parts'),
      among(({ after }, id) => after.has(id), 'panels'),
      {
        ...among(({ otherPages }, id) => otherPages.has(id), 'pages'),
        test: /\/client\/(src\/lib\/(?!settings\/|features\/)|\.messages\/)|\/shared\/src\//,
        minShareCount: 2,
      },
    ],
  }
}

function reachOf(graph: Graph): Reach {
  const pages = globSync('routes/**/+{page,layout,error}.svelte', { cwd: sources }).map(source)
  const panels = graph.getModuleInfo(listOfPanels)?.dynamicallyImportedIds ?? []
  const roots = new Set([...panels, ...afterFirst])
  const first = reached(graph, [layout, cockpit], { onDemand: false })
  const after = reached(graph, [...roots], { onDemand: false })
  const others = pages.filter((id) => id !== cockpit)
  return {
    first,
    after,
    otherPages: reached(graph, others, { onDemand: true, without: roots }),
  }
}

/** These modules, what they import, and what they load on demand if wanted. */
function reached(
  graph: Graph,
  from: readonly string[],
  { onDemand, without }: { readonly onDemand: boolean; readonly without?: Modules },
): Modules {
  const found = new Set<string>()
  const next = [...from]
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id) || without?.has(id)) continue
    found.add(id)
    const info = graph.getModuleInfo(id)
    if (!info) continue
    next.push(
      ...info.importedIds.flatMap((imported) =>
        isMessages(imported) ? messagesIn(info.code ?? '', imported, graph) : imported,
      ),
    )
    if (onDemand) next.push(...info.dynamicallyImportedIds)
  }
  return found
}

const isMessages = (id: string) => id.endsWith('/messages.js') && id.includes('/.messages/')

/** The list of messages imports every message; a module needs those that it says. */
function messagesIn(code: string, list: string, graph: Graph): string[] {
  const said = new Set(Array.from(code.matchAll(/\bm\.(\w+)/g), ([, key]) => `${key}.js`))
  const [index = ''] = graph.getModuleInfo(list)?.importedIds ?? []
  const all = graph.getModuleInfo(index)?.importedIds ?? []
  return all.filter((id) => said.has(basename(id)))
}
