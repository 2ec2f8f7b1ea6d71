import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

/** Environment of a program. */
export type Environment = Readonly<Record<'CREATORFLOW_KEY' | 'CREATORFLOW_COOKIE', string>>

/** Runs an example; returns its output, and throws if it fails. */
export type Run = (code: string, env: Environment) => Promise<string>

export interface Programs extends AsyncDisposable {
  readonly curl: Run
  readonly typescript: Run
  readonly python: Run
}

/** One after another, each with its own names. */
const pythonLoop = `
import contextlib, io, json, os, sys, traceback
for line in sys.stdin:
    asked = json.loads(line)
    os.environ.update(asked["env"])
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(asked["code"], "example", "exec"), {})
        answer = {"out": out.getvalue()}
    except BaseException as error:
        detail = error.read().decode() if hasattr(error, "read") else traceback.format_exc()
        answer = {"error": f"{error} {detail}"}
    print(json.dumps(answer), flush=True)
`

type Compiled = (fetch: unknown, process: unknown, console: unknown) => Promise<void>
const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Compiled

/** Readers of the reference have these three. A missing program fails the test. */
export async function startPrograms(): Promise<Programs> {
  const home = await mkdtemp(join(tmpdir(), 'creatorflow-curl-'))
  // A reader sees the answer; a test needs to know that it is not a failure.
  await writeFile(join(home, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n')

  const child = spawn('python3', ['-u', '-c', pythonLoop], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child, 'spawn')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  return {
    async curl(code, env) {
      const { PATH } = process.env
      const shell = spawn('sh', ['-euc', code], { env: { PATH, CURL_HOME: home, ...env } })
      const [out, err, [exit]] = await Promise.all([
        text(shell.stdout),
        text(shell.stderr),
        once(shell, 'close'),
      ])
      if (exit !== 0) throw new Error(`${err} ${out}`)
      return out
    },
    async typescript(code, env) {
      const printed: unknown[] = []
      const run = new AsyncFunction('fetch', 'process', 'console', code)
      await run(fetch, { env }, { log: (value: unknown) => printed.push(value) })
      return printed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')
    },
    async python(code, env) {
      child.stdin.write(`${JSON.stringify({ code, env })}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error('python3 ended')
      const { out, error } = JSON.parse(value) as { out?: string; error?: string }
      if (out === undefined) throw new Error(error)
      return out
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await once(child, 'close')
      await rm(home, { recursive: true })
    },
  }
}
