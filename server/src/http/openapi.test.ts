import { eventTypeNames } from '@creatorflow/shared/event-types'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../test/harness.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, object>>
}
interface Schema {
  readonly anyOf?: readonly { readonly $ref: string }[]
  readonly properties?: { readonly type?: { readonly const?: string } }
}
interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Routes outside of the API for programs: probes, pages, and receivers authenticated by a shop's signature. */
const undocumented = new Set([
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/v1/webhooks/:kind/:source_id',
  '/{*path}',
])

describe.each(databases())('the API reference on $name', (backend) => {
  let app: TestApp
  let reference: Document
  beforeAll(async () => {
    app = await startApp({ database: backend })
    reference = (await ask(app.port, 'GET', '/api/v1/openapi.json')).json
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const operations = () => Object.values(reference.paths).flatMap((path) => Object.values(path))

  test('[WEB-5] is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate({ ...reference })
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
  })

  test('[WEB-5] has exactly the mounted routes', () => {
    const documented = Object.entries(reference.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const mounted = app.routes
      .filter((route) => !undocumented.has(route.split(' ')[1] as string))
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'))
    expect(documented.toSorted()).toEqual(mounted.toSorted())
  })

  test('[WEB-5] each operation has a unique name, a summary, its parameters and its answers', () => {
    const names = operations().map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const [path, methods] of Object.entries(reference.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { operationId, summary, parameters, responses } of Object.values(methods)) {
        expect(summary, operationId).not.toBe('')
        const named = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
        expect(named.toSorted(), operationId).toEqual(inPath.toSorted())
        const statuses = Object.keys(responses)
        // Only beside another success: the same answer while the work goes on.
        const isAccepted = statuses.length > 2
        expect(statuses, operationId).toEqual([
          expect.stringMatching(/^(2|302)/),
          ...(isAccepted ? ['202'] : []),
          'default',
        ])
      }
    }
  })

  test('[WEB-5] events are described type by type', () => {
    const { Event, ...schemas } = reference.components.schemas
    const body = JSON.stringify(reference.paths['/api/v1/events']?.post?.requestBody)
    expect(body).toContain('"#/components/schemas/Event"')
    const named = Event?.anyOf?.map(({ $ref }) => $ref.slice('#/components/schemas/'.length)) ?? []
    const types = named.map((name) => schemas[name]?.properties?.type?.const)
    expect(types.toSorted()).toEqual(eventTypeNames.toSorted())
  })
})
