import { type Action, actions, type Role } from '@creatorflow/shared/endpoint'
import { expect, test } from 'vitest'
import { allowedCreators, authorize, isOwner, mayDo, requireManage } from './authorize.ts'
import { owner, type Principal } from './principal.ts'

const own = 'alice'
const other = 'bob'

function key(creatorId: string | null, ...scopes: ('ingest:write' | 'read')[]): Principal {
  return { kind: 'key', keyId: 'key00001', name: 'test', creatorId, scopes }
}

function user(...roles: readonly (readonly [string | null, Role])[]): Principal {
  return {
    kind: 'user',
    userId: '7f4f0000-0000-4000-8000-000000000000',
    email: 'mira@example.com',
    name: 'Mira',
    signInId: '7f4f0000-0000-4000-8000-000000000001',
    roles: roles.map(([creatorId, role]) => ({ creatorId, role })),
  }
}

const principals = {
  nobody: null,
  owner,
  'owner of all': user([null, 'owner']),
  'operator of all': user([null, 'operator']),
  'viewer of all': user([null, 'viewer']),
  'owner of alice': user([own, 'owner']),
  'operator of alice': user([own, 'operator']),
  'viewer of alice': user([own, 'viewer']),
  'viewer of all, owner of alice': user([null, 'viewer'], [own, 'owner']),
  'user without a role': user(),
  'key of alice, sends': key(own, 'ingest:write'),
  'key of alice, reads': key(own, 'read'),
  'key of alice, both': key(own, 'ingest:write', 'read'),
  'key of alice, no scope': key(own),
  'key of all, sends': key(null, 'ingest:write'),
  'key of all, both': key(null, 'ingest:write', 'read'),
} as const satisfies Record<string, Principal | null>

type Outcome = 'yes' | 'forbidden' | 'unauthorized'
/** What each may do to alice, and to another creator; everything else is refused. */
const table: Record<keyof typeof principals, readonly [own: string, other: string]> = {
  nobody: ['', ''],
  owner: ['ingest:write read operate manage', 'ingest:write read operate manage'],
  'owner of all': ['ingest:write read operate manage', 'ingest:write read operate manage'],
  'operator of all': ['ingest:write read operate', 'ingest:write read operate'],
  'viewer of all': ['read', 'read'],
  'owner of alice': ['ingest:write read operate manage', ''],
  'operator of alice': ['ingest:write read operate', ''],
  'viewer of alice': ['read', ''],
  'viewer of all, owner of alice': ['ingest:write read operate manage', 'read'],
  'user without a role': ['', ''],
  'key of alice, sends': ['ingest:write', ''],
  'key of alice, reads': ['read', ''],
  'key of alice, both': ['ingest:write read', ''],
  'key of alice, no scope': ['', ''],
  'key of all, sends': ['ingest:write', 'ingest:write'],
  'key of all, both': ['ingest:write read', 'ingest:write read'],
}

function outcomeOf(name: keyof typeof principals, action: Action, index: 0 | 1): Outcome {
  if (table[name][index].split(' ').includes(action)) return 'yes'
  return principals[name] ? 'forbidden' : 'unauthorized'
}

const names = Object.keys(principals) as (keyof typeof principals)[]
const cases = names.flatMap((name) =>
  actions.flatMap((action) =>
    ([0, 1] as const).map((index) => ({
      name,
      action,
      creatorId: [own, other][index] ?? '',
      outcome: outcomeOf(name, action, index),
    })),
  ),
)

test.each(cases)(
  '[ACCESS-1] $name, $action on $creatorId: $outcome',
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

test('[ACCESS-1] an action on all creators needs a role for all', () => {
  const managers = names.filter((name) => {
    const principal = principals[name]
    return principal && isOwner(principal)
  })
  expect(managers).toEqual(['owner', 'owner of all'])
  expect(() => requireManage(principals['owner of alice'], null)).toThrow('all creators')
  expect(() => requireManage(principals['owner of alice'], other)).toThrow(other)
  requireManage(principals['owner of alice'], own)
})

test("[ACCESS-1] a principal's creators are those that its roles or key name", () => {
  expect(allowedCreators(principals['viewer of all, owner of alice'], 'read')).toBe('all')
  expect(allowedCreators(principals['viewer of all, owner of alice'], 'manage')).toEqual([own])
  expect(allowedCreators(user([own, 'viewer'], [other, 'operator']), 'read')).toEqual([own, other])
  expect(allowedCreators(user([own, 'viewer'], [other, 'operator']), 'operate')).toEqual([other])
  expect(allowedCreators(principals['key of alice, sends'], 'read')).toEqual([])
  expect(allowedCreators(principals['key of all, both'], 'read')).toBe('all')
  expect(allowedCreators(principals['key of all, both'], 'manage')).toEqual([])
})

test('[ACCESS-1] an unauthorized tenant does not compile', () => {
  const rowsOf = (tenant: ReturnType<typeof authorize>) => tenant.creatorId
  // @ts-expect-error a creator id alone is no tenant
  expect(rowsOf({ creatorId: own })).toBe(own)
})
