import { type ProblemWords, sourceProblems } from '@creatorflow/shared/sources'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { partsOf } from '../features/sources/entered.ts'
import { sourceDefinitions } from './index.ts'
import { isOptional, type SourceDefinition } from './runtime/definition.ts'
import { sourceKindsOf, toWire } from './runtime/registry.ts'
import { shopify } from './shopify/index.ts'

/** What stands in a required field of each kind that takes more than any text. */
const examples: Readonly<Record<string, string>> = {
  handle: '@Mira',
  shop_id: '749',
  shop_domain: 'mira.myshopify.com',
  authorization_link: 'https://services.us.tiktokshop.com/open/authorize?service_id=1',
}

describe.each(sourceDefinitions.map((one) => [one.name, one as SourceDefinition] as const))(
  'the definition of %s',
  (_, definition) => {
    const { kind, fields, problems = {} } = definition

    test('[SOURCE-3] the form asks for exactly what is accepted', () => {
      const names = Object.keys(fields)
      const whole = Object.fromEntries(names.map((name) => [name, examples[name] ?? 'x']))
      expect(() => partsOf(definition, { kind, ...whole })).not.toThrow()
      expect(() => partsOf(definition, { kind, ...whole, more: 'x' })).toThrow(z.ZodError)
      for (const name of names) {
        const { [name]: _, ...rest } = whole
        const part = () => partsOf(definition, { kind, ...rest })
        if (fields[name] && isOptional(fields[name])) expect(part, name).not.toThrow()
        else expect(part, name).toThrow(name)
      }
    })

    test('[SOURCE-3] the next steps do not claim that it is connected', () => {
      expect(definition.afterwards).not.toMatch(/connected|✓|waits until/)
    })

    test('[SOURCE-3] every problem says what it means and promises nothing untrue', () => {
      const all: Readonly<Record<string, ProblemWords>> = { ...sourceProblems, ...problems }
      for (const [problem, { text, todo }] of Object.entries(all)) {
        const words = `${text} ${todo}`
        expect(words, problem).toMatch(/^[A-Z].*\. [A-Z].*\.$/)
        expect(words, problem).not.toMatch(/over there|other side|nothing is lost|of then/i)
      }
    })

    test('[SOURCE-4] a page gets no schema and no secret of a kind', () => {
      const told = toWire(definition, { tiktokPollMs: 60_000 })
      expect(told.fields.map(({ name }) => name)).toEqual(Object.keys(fields))
      expect(JSON.parse(JSON.stringify(told))).toEqual(told)
    })
  },
)

test('[SOURCE-3] LIVE problems say that events are lost; shop problems say they are fetched later', () => {
  const todo = (kind: string, problem: string) =>
    sourceKindsOf(sourceDefinitions).get(kind)?.problems?.[problem]?.todo
  for (const problem of ['api_unavailable', 'sign_server', 'rate_limited']) {
    expect(todo('tiktok_live', problem)).toContain('isn’t recorded')
  }
  expect(todo('tiktok_shop', 'api_unavailable')).toContain('it missed')
})

test.each([
  [{ ...shopify, kind: 'Shop' }, 'another name'],
  [{ ...shopify, kind: 'inside' }, 'another name'],
  [{ ...shopify, kind: 'etsy', variables: shopify.variables }, 'SHOP_'],
  [{ ...shopify, kind: 'etsy', variables: {}, account: { field: 'x', noun: 'shop' } }, '"x"'],
  [
    { ...shopify, kind: 'etsy', variables: {}, account: { field: 'client_secret', noun: 'shop' } },
    'no secret',
  ],
  [
    {
      ...shopify,
      kind: 'etsy',
      variables: {},
      fields: { ...shopify.fields, name: shopify.fields.shop_domain },
    },
    '"name"',
  ],
  [{ ...shopify, variables: {} }, 'twice'],
] as readonly (readonly [SourceDefinition, string])[])(
  '[SOURCE-4] a definition that could not work stops the start (%#)',
  (definition, reason) => {
    expect(() => sourceKindsOf([...sourceDefinitions, definition])).toThrow(reason)
  },
)
