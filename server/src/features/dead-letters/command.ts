// npm run dead-letters: lists dead letters of a running server, replays or drops them.
import { parseArgs } from 'node:util'
import type { Body, BodyInput, Reply } from '@creatorflow/shared/endpoint'
import type {
  dropDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from '@creatorflow/shared/features/dead-letters'

const usage = `Usage: npm run dead-letters -- list|show|replay|drop [ID …] --creator ID [options]

  list             waiting dead letters, newest first; with --replayed, replayed ones
  show ID          one dead letter with its original message
  replay [ID …]    replays all waiting dead letters, or only those given
  drop ID …        deletes dead letters for good; with --all, all waiting ones

  --creator ID     the creator
  --source NAME    only this type of source, such as shopify, or inside for failures in this server
  --url URL        the server (default: http://localhost:3000)
  --key KEY        an API key with the operate scope; not needed on the machine of a server with the embedded database`

/** A failure to show to a person at a terminal. */
class CommandError extends Error {}

const LISTED = 100
const SHOWN_REASON = 100

/**
 * Runs a command with the arguments after `npm run dead-letters --` and returns the exit code: 0, 1 if
 * something failed, 2 for wrong usage.
 */
export async function runDeadLetters(
  args: readonly string[],
  print: (line: string) => void = console.log,
): Promise<number> {
  let command: Command
  try {
    command = readCommand(args)
  } catch (error) {
    print(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  try {
    return await commands[command.verb](command, print)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    print(`Stopped: ${error.message}`)
    return 1
  }
}

interface Command {
  readonly verb: keyof typeof commands
  readonly ids: readonly number[]
  readonly replayed: boolean
  /** The filter of letters, as the server takes it. */
  readonly filter: Pick<Body<typeof replayDeadLetters>, 'source'>
  ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>
}

type Run = (command: Command, print: (line: string) => void) => Promise<number>

const commands = {
  async list({ ask, filter, replayed }, print) {
    const query = new URLSearchParams({
      limit: String(LISTED),
      state: replayed ? 'replayed' : 'waiting',
      ...(filter.source && { source: filter.source }),
    })
    const reply = await ask<Reply<typeof listDeadLetters>>('GET', `?${query}`)
    for (const { id, received_at, source, topic, reason, attempts } of reply.letters) {
      const tried = attempts > 0 ? ` (failed replays: ${attempts})` : ''
      print(
        `${String(id).padStart(8)}  ${received_at}  ${source} ${topic ?? ''}: ${reason.slice(0, SHOWN_REASON)}${tried}`,
      )
    }
    if (reply.letters.length === 0) print('No dead letters.')
    if (reply.next_cursor !== null) print(`Showing the newest ${LISTED}.`)
    print(
      `${reply.waiting} waiting, ${reply.replayed} replayed; ${reply.bytes} of ${reply.limits.bytes} bytes used.`,
    )
    if (reply.lost > 0) print(`${reply.lost} more were deleted because the limit was reached.`)
    return 0
  },

  async show({ ask, ids: [id] }, print) {
    const { body, encoding, ...letter } = await ask<Reply<typeof showDeadLetter>>('GET', `/${id}`)
    for (const [name, value] of Object.entries(letter)) print(`${name}: ${value ?? '-'}`)
    print(
      encoding === 'text'
        ? `\n${indented(body)}`
        : `\
binary, as base64:\
${body}`,
    )
    return 0
  },

  async replay({ ask, ids, filter }, print) {
    let replayed = 0
    let failed = 0
    for (let after: number | null = 0; after !== null; ) {
      const body: BodyInput<typeof replayDeadLetters> = {
        ...filter,
        after,
        ...(ids.length > 0 && { ids: [...ids] }),
      }
      const reply: Reply<typeof replayDeadLetters> = await ask('POST', '/replay', body)
      replayed += reply.replayed
      failed += reply.failed
      after = reply.next
      print(`${replayed} replayed, ${failed} failed`)
    }
    if (failed > 0) print('Failed ones are kept with their new reason; see "list".')
    return failed > 0 ? 1 : 0
  },

  async drop({ ask, ids, filter }, print) {
    const body: BodyInput<typeof dropDeadLetters> = {
      ...filter,
      ...(ids.length > 0 && { ids: [...ids] }),
    }
    const { dropped } = await ask<Reply<typeof dropDeadLetters>>('POST', '/drop', body)
    print(`${dropped} deleted`)
    return 0
  },
} satisfies Record<string, Run>

function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      creator: { type: 'string' },
      source: { type: 'string' },
      all: { type: 'boolean', default: false },
      replayed: { type: 'boolean', default: false },
      url: { type: 'string', default: 'http://localhost:3000' },
      key: { type: 'string' },
    },
  })
  const [verb = '', ...rest] = positionals
  if (!isVerb(verb)) throw new Error('The first word must be list, show, replay or drop.')
  if (!values.creator) throw new Error('--creator ID is missing.')
  if (!URL.canParse(values.url)) throw new Error(`--url ${values.url} is not a valid URL.`)
  const ids = rest.map(Number)
  if (!ids.every((id) => Number.isSafeInteger(id) && id > 0)) {
    throw new Error('An ID is the first number of each line in the list.')
  }
  if (verb === 'show' && ids.length !== 1) throw new Error('show needs one ID.')
  if (verb === 'drop' && ids.length === 0 && !values.all) {
    throw new Error('drop needs IDs, or --all. Deleted dead letters can’t be restored.')
  }
  const path = `/api/v1/creators/${encodeURIComponent(values.creator)}/dead-letters`
  return {
    verb,
    ids,
    replayed: values.replayed,
    // The server knows which names exist.
    filter: values.source ? { source: values.source } : {},
    ask: (method, more, body) =>
      askServer(new URL(path + more, values.url), method, values.key, body),
  }
}

function isVerb(text: string): text is keyof typeof commands {
  return Object.hasOwn(commands, text)
}

async function askServer<T>(
  url: URL,
  method: string,
  key: string | undefined,
  body: unknown,
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new CommandError(`no response from ${url.origin}. Start a server with "npm start".`, {
      cause: error,
    })
  })
  const reply: unknown = await response.json().catch(() => undefined)
  // Safe: server and command are of one release, and the server checks its answers.
  if (response.ok) return reply as T
  const { message } = (reply as { error?: { message?: string } } | undefined)?.error ?? {}
  const hint = response.status === 401 ? ' Set an API key with --key.' : ''
  throw new CommandError(message ? `${message}${hint}` : `the server returned ${response.status}`)
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2)
  } catch {
    return body
  }
}

if (import.meta.main) process.exitCode = await runDeadLetters(process.argv.slice(2))
