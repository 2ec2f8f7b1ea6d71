import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { baseEnvironment, serverMain, startOptions } from './environment.ts'
import { endWithUs } from './processes/child.ts'

export interface ServerOptions {
  readonly dataDir: string
  readonly databaseUrl?: string | undefined
  readonly redisUrl?: string | undefined
  /** More Node options. */
  readonly nodeOptions?: readonly string[]
  /** Folder for a CPU profile of the process. */
  readonly profile?: string | undefined
  /** More variables, before those above. */
  readonly env?: Readonly<Record<string, string>>
  /** Credentials of an earlier server on the same data; without them the first owner is created as a person would. */
  readonly owner?: Owner | undefined
}

/** Full access: by a cookie, or on an embedded database as the local owner. */
export interface Owner {
  readonly headers: Readonly<Record<string, string>>
  /** A key that sends and reads the events of every creator. */
  readonly key: string
}

/** Address and key for senders and screens. */
export interface Address {
  readonly url: string
  readonly key: string
}

/** The server as an operator starts it: its own process, used only over the wire. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  /** For senders and screens, in any process. */
  readonly address: Address
  readonly owner: Owner
  readonly pid: number
  /** Its database and bus, in its own words. */
  readonly description: string
  /** Whether the process is still running. */
  readonly isRunning: boolean
  /** The first 50 error lines of its log. */
  readonly errors: readonly string[]
  /** One value of `/metrics`, summed over matching labels; 0 if missing. */
  metric(name: string, labels?: string): Promise<number>
  createCreator(id: string): Promise<void>
  /** A key that may send and read only this creator's events. */
  createKey(creatorId: string): Promise<string>
}

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000

/** Starts a server on a free port of loopback. Rejects with its output if it does not come up. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const profiling = options.profile ? ['--cpu-prof', '--cpu-prof-dir', options.profile] : []
  const child = spawn(
    process.execPath,
    [...startOptions(), ...profiling, ...(options.nodeOptions ?? []), serverMain],
    {
      env: {
        ...baseEnvironment(),
        ...options.env,
        NODE_ENV: 'production',
        PORT: '0',
        DATA_DIR: options.dataDir,
        // All screens of a run come from one address.
        MAX_SOCKETS_PER_IP: '5000',
        MAX_SOCKETS_PER_CREATOR: '0',
        MAX_EVENTS_PER_S_PER_CREATOR: '0',
        ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }),
        ...(options.redisUrl && { REDIS_URL: options.redisUrl }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  endWithUs(child)
  try {
    const printed = await readUntilUp(child)
    // By number: `localhost` may be tried as ::1 first.
    const port = /is at http:\/\/[^\s]*:(\d+)/.exec(printed)?.[1]
    const url = `http://127.0.0.1:${port}`
    const owner = options.owner ?? (await firstOwner(url, printed))
    return serverOf(child, url, describedIn(printed), owner)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function serverOf(
  child: ChildProcess,
  url: string,
  description: string,
  owner: Owner,
): ServerProcess {
  const errors: string[] = []
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (errors.length < 50 && /"level":[56]0,/.test(line)) errors.push(line)
    })
  }

  const create = async (what: string, body: object): Promise<unknown> =>
    (await post(`${url}/api/v1/${what}`, body, owner.headers)).json()

  return {
    url,
    address: { url, key: owner.key },
    owner,
    pid: child.pid as number,
    description,
    errors,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null
    },
    async metric(name, labels = '') {
      const text = await (await fetch(`${url}/metrics`)).text()
      const lines = text.split('\n').filter((line) => {
        return (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels)
      })
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    async createCreator(id) {
      await create('creators', { id, name: id, time_zone: 'UTC', currency: 'USD' })
    },
    async createKey(creatorId) {
      const scopes = ['ingest:write', 'read']
      const made = await create('api-keys', { name: creatorId, creator_id: creatorId, scopes })
      return (made as { key: string }).key
    },
    [Symbol.asyncDispose]: () => stop(child),
  }
}

/** Uses the link that the server printed; a server without one has a local owner. */
async function firstOwner(url: string, printed: string): Promise<Owner> {
  const token = /\/welcome#token=([\w-]+)/.exec(printed)?.[1]
  let headers: Readonly<Record<string, string>> = {}
  if (token !== undefined) {
    const person = { email: 'bench@example.com', name: 'bench', password: randomUUID() }
    const made = await post(`${url}/api/v1/welcome`, { token, ...person }, {})
    headers = { cookie: made.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  }
  const scopes = ['ingest:write', 'read']
  const made = await post(`${url}/api/v1/api-keys`, { name: 'bench', scopes }, headers)
  return { headers, key: ((await made.json()) as { key: string }).key }
}

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return answer
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await gone
  clearTimeout(timer)
}

/** The server's output until it printed its address; later output is ignored. */
function readUntilUp(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const failed = (reason: string) => reject(new Error(`the server ${reason}:\n${printed}`))
    const timer = setTimeout(() => failed('did not come up in time'), START_TIMEOUT_MS)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (printed.length < 100_000) printed += text
      if (!/is at http:\/\/\S+\s/.test(printed)) return
      clearTimeout(timer)
      resolve(printed)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      failed(`ended with ${code}`)
    })
    child.once('error', reject)
  })
}

function describedIn(printed: string): string {
  return /"msg":"(database: [^"]*)"/.exec(printed)?.[1] ?? 'unknown database and bus'
}
