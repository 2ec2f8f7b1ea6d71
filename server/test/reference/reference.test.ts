import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  type ApiDocument,
  callOf,
  operationsOf,
  type PlacedOperation,
  successOf,
} from '@creatorflow/shared/reference/document'
import { type Call, type Language, languages } from '@creatorflow/shared/reference/samples'
import { socketSample } from '@creatorflow/shared/reference/socket-sample'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Document, OpenAPIClientAxios } from 'openapi-client-axios'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLongRun } from '../../../scripts/test/long-run.ts'
import { ask } from '../harness.ts'
import { type Programs, startPrograms } from './programs.ts'
import { type Changes, createWorld, type World } from './world.ts'

/** Calls that this server refuses for any caller, with the answer's text. */
const refused: Readonly<Record<string, RegExp>> = {
  'POST /api/v1/welcome': /link/,
  'POST /api/v1/password-reset': /e-mail/,
  // Made with a key, and only people have a browser.
  'POST /api/v1/creators/{creator_id}/alerts/push': /not API keys/,
  'DELETE /api/v1/creators/{creator_id}/alerts/push/{target_id}': /not API keys/,
  // Only the browser that just came back from the service has something to choose.
  'GET /api/v1/creators/{creator_id}/sources/authorized': /choose/,
  'POST /api/v1/creators/{creator_id}/sources/authorized': /choose/,
}

const timeout = 300_000
let world: World
let reference: ApiDocument
beforeAll(async () => {
  world = await createWorld()
  reference = (await ask(world.app.port, 'GET', '/api/v1/openapi.json')).json
}, timeout)
afterAll(() => world?.[Symbol.asyncDispose]())

interface Made {
  readonly route: string
  readonly placed: PlacedOperation
  readonly call: Call
}

/** Every call of the reference, except those that send a browser elsewhere. */
function callsOf(): Made[] {
  return operationsOf(reference).flatMap((placed) => {
    const call = callOf(placed, world.app.url)
    return call ? [{ route: `${placed.method} ${placed.path}`, placed, call }] : []
  })
}

function changed(call: Call, template: string, { path = {}, query: asked, body }: Changes): Call {
  const [, example] = call.path.split('?')
  const query = asked ? String(new URLSearchParams(asked)) : example
  const values = call.path.split('?')[0]?.split('/') ?? []
  const at = template
    .split('/')
    .map((part, place) => path[part.slice(1, -1)] ?? values[place])
    .join('/')
  return {
    ...call,
    path: query === undefined ? at : `${at}?${query}`,
    ...(call.body !== undefined && { body: bodyOf(call, body) }),
  }
}

test('[WEB-5] every path parameter and required body has an example', () => {
  const missing = operationsOf(reference).flatMap(({ method, path, operation }) => [
    ...operation.parameters
      .filter((one) => (one.in === 'path' || one.required) && one.example === undefined)
      .map(({ name }) => `${method} ${path}: ${name}`),
    ...Object.values(operation.requestBody?.content ?? {})
      .filter(({ example }) => example === undefined)
      .map(() => `${method} ${path}: body`),
  ])
  expect(missing).toEqual([])
})

const everyLanguage = Object.keys(languages) as Language[]

test('[WEB-5] every example runs as curl, TypeScript and Python', { timeout }, async () => {
  await using programs: Programs = await startPrograms()
  const wrong: string[] = []
  for (const [turn, { route, placed, call }] of callsOf().entries()) {
    // A long run takes each in every language, any other in one of them, by turns.
    const turned = everyLanguage.filter(
      (_, at) => isLongRun() || at === turn % everyLanguage.length,
    )
    const ran = turned.map(async (language) => {
      const { cookie, ...changes } = await world.prepare(route)
      const code = languages[language].write(changed(call, placed.path, changes))
      const env = { CREATORFLOW_KEY: world.key, CREATORFLOW_COOKIE: cookie }
      const failure = await programs[language](code, env).then(
        () => '',
        (error: Error) => error.message,
      )
      const words = refused[route]
      if (words ? words.test(failure) : failure === '') return
      wrong.push(`${route} in ${language}: ${failure || 'was not refused'}\n${code}`)
    })
    await Promise.all(ran)
  }
  expect(wrong).toEqual([])
})

test('[WEB-5] a generated client calls every operation, and each answer is as described', {
  timeout,
}, async () => {
  const definition = reference as unknown as Document
  const client = await new OpenAPIClientAxios({
    definition,
    withServer: { url: world.app.url },
    axiosConfigDefaults: { validateStatus: () => true },
  }).init()
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'reference', components: reference.components })

  const wrong: string[] = []
  for (const { route, placed, call } of callsOf()) {
    const { operation } = placed
    const { cookie, ...changes } = await world.prepare(route)
    const { parameters, body } = optionsOf(placed, call, changes)
    const method = client[operation.operationId]
    if (!method) throw new Error(`the client has no ${operation.operationId}`)
    const { data, status } = await method(parameters, body, {
      headers: {
        ...(call.as === 'key' && { authorization: `Bearer ${world.key}` }),
        ...(call.as === 'sign_in' && { cookie, 'content-type': 'application/json' }),
      },
    })
    const expected = successOf(operation)
    if (refused[route]) {
      if (!refused[route].test(JSON.stringify(data))) wrong.push(`${route}: was not refused`)
    } else if (status !== expected.status) {
      wrong.push(`${route}: ${status} instead of ${expected.status}: ${JSON.stringify(data)}`)
    } else if (expected.media === 'application/json' && expected.schema) {
      const fits = ajv.compile(referring(expected.schema))
      if (!fits(data)) wrong.push(`${route}: ${ajv.errorsText(fits.errors)}`)
    }
  }
  expect(wrong).toEqual([])
})

/** A part of the document, with references resolved into the whole. */
function referring(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"reference#/components/'))
}

/** The example as a generated client takes it. */
function optionsOf({ operation }: PlacedOperation, call: Call, changes: Changes) {
  const { path = {}, query = {}, body } = changes
  const parameters = Object.fromEntries(
    operation.parameters.flatMap(({ name, example }) =>
      example === undefined ? [] : [[name, path[name] ?? query[name] ?? example]],
    ),
  )
  return { parameters, body: bodyOf(call, body) }
}

/** The example's body with its differences; a list of events stays unchanged. */
function bodyOf(call: Call, changes: Changes['body']): unknown {
  const isObject = call.body !== undefined && !Array.isArray(call.body)
  return isObject ? { ...(call.body as object), ...changes } : call.body
}

test('[WEB-5] the example of live updates follows a creator', { timeout }, async () => {
  const { app, key } = world
  const child = spawn(
    process.execPath,
    ['--input-type=module-typescript', '-e', socketSample(app.url, true)],
    {
      // Where socket.io-client is found, as in the project of whoever copied the example.
      cwd: import.meta.dirname,
      env: { PATH: process.env.PATH, CREATORFLOW_KEY: key },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let out = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  try {
    await expect.poll(() => out, { timeout: 60_000 }).toContain('watching from')
    await app.post([
      {
        id: 'sold',
        type: 'payment_completed',
        creator_id: 'mia',
        session_id: 'live-1',
        amount: 123,
      },
    ])
    await expect.poll(() => out, { timeout: 60_000 }).toMatch(/events \d+ to \d+ .*123/)
  } finally {
    child.kill()
    await once(child, 'close')
  }
})
