import { type Action, actions } from '@creatorflow/shared/endpoint'
import { expect, test } from 'vitest'
import { authorize, mayDo } from './authorize.ts'
import { owner, type Principal } from './principal.ts'

const own = 'alice'
const other = 'bob'

function key(creatorId: string | null, ...scopes: ('ingest:write' | 'read')[]): Principal {
  return { kind: 'key', keyId: 'key00001', creatorId, scopes }
}

const principals = {
  nobody: null,
  owner,
  'key of alice, sends': key(own, 'ingest:write'),
  'key of alice, reads': key(own, 'read'),
  'key of alice, both': key(own, 'ingest:write', 'read'),
  'key of alice, no scope': key(own),
  'key of all, sends': key(null, 'ingest:write'),
  'key of all, both': key(null, 'ingest:write', 'read'),
} as const satisfies Record<string, Principal | null>

type Outcome = 'yes' | 'forbidden' | 'unauthorized'
/** [own creator, other creator] for each action. */
const table: Record<keyof typeof principals, Record<Action, readonly [Outcome, Outcome]>> = {
  nobody: {
    'ingest:write': ['unauthorized', 'unauthorized'],
    read: ['unauthorized', 'unauthorized'],
    manage: ['unauthorized', 'unauthorized'],
  },
  owner: { 'ingest:write': ['yes', 'yes'], read: ['yes', 'yes'], manage: ['yes', 'yes'] },
  'key of alice, sends': {
    'ingest:write': ['yes', 'forbidden'],
    read: ['forbidden', 'forbidden'],
    manage: ['forbidden', 'forbidden'],
  },
  'key of alice, reads': {
    'ingest:write': ['forbidden', 'forbidden'],
    read: ['yes', 'forbidden'],
    manage: ['forbidden', 'forbidden'],
  },
  'key of alice, both': {
    'ingest:write': ['yes', 'forbidden'],
    read: ['yes', 'forbidden'],
    manage: ['forbidden', 'forbidden'],
  },
  'key of alice, no scope': {
    'ingest:write': ['forbidden', 'forbidden'],
    read: ['forbidden', 'forbidden'],
    manage: ['forbidden', 'forbidden'],
  },
  'key of all, sends': {
    'ingest:write': ['yes', 'yes'],
    read: ['forbidden', 'forbidden'],
    manage: ['forbidden', 'forbidden'],
  },
  'key of all, both': {
    'ingest:write': ['yes', 'yes'],
    read: ['yes', 'yes'],
    manage: ['forbidden', 'forbidden'],
  },
}

const names = Object.keys(principals) as (keyof typeof principals)[]
const cases = names.flatMap((name) =>
  actions.flatMap((action) =>
    [own, other].map((creatorId, index) => ({
      name,
      action,
      creatorId,
      outcome: table[name][action][index],
    })),
  ),
)

test.each(cases)(
  '[ACC-2] $name, $action on $creatorId: $outcome',
  ({ name, action, creatorId, outcome }) => {
    const principal = principals[name]
    if (outcome === 'yes') {
      expect(authorize(principal, action, creatorId).creatorId).toBe(creatorId)
    } else {
      expect(() => authorize(principal, action, creatorId)).toThrow(
        expect.objectContaining({ code: outcome }),
      )
    }
    if (principal) expect(mayDo(principal, action, creatorId)).toBe(outcome === 'yes')
  },
)

test('[ACC-2] a tenant that was not authorized does not compile', () => {
  const rowsOf = (tenant: ReturnType<typeof authorize>) => tenant.creatorId
  // @ts-expect-error a creator id alone is no tenant
  expect(rowsOf({ creatorId: own })).toBe(own)
})
