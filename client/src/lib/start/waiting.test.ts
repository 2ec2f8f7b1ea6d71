import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { describe, expect, it } from 'vitest'
import { waitingFor } from './waiting.ts'

const kind = (more: Partial<SourceKind>): SourceKind => ({
  kind: 'tiktok_live',
  name: 'TikTok LIVE',
  summary: '',
  account_prefix: '@',
  fields: [],
  afterwards: '',
  problems: { unknown_account: { text: 'TikTok doesn’t know this handle.', todo: 'Check it.' } },
  authorize: null,
  connect: null,
  console: null,
  checkable: false,
  provides: 'lives',
  checked_every_s: 60,
  ...more,
})
const kinds = [
  kind({}),
  kind({ kind: 'shopify', name: 'Shopify', account_prefix: '', provides: 'orders' }),
]
// Only what decides the words.
const source = (more: Partial<Source>) =>
  ({
    kind: 'tiktok_live',
    account: 'mira',
    name: '@mira',
    enabled: true,
    state: 'waiting',
    problem: null,
    ...more,
  }) as Source

describe('a creator without a LIVE', () => {
  it('[PAGE-2] waits for the connected handle, and says how often it is checked', () => {
    expect(waitingFor(kinds, [source({})])).toMatchObject({
      title: 'Waiting for @mira to go LIVE',
      text: 'This page becomes your dashboard when the LIVE starts. We check every 60 seconds.',
      problem: null,
      hasLives: true,
    })
    const slow = [kind({ checked_every_s: 300 })]
    expect(waitingFor(slow, [source({})]).text).toContain('every 5 minutes')
    expect(waitingFor([], [source({})]).hasLives).toBe(false)
  })

  it('[PAGE-2] says what is wrong with the handle', () => {
    const wrong = source({ state: 'needs_you', problem: 'unknown_account' })
    expect(waitingFor(kinds, [wrong]).problem?.text).toBe('TikTok doesn’t know this handle.')
  })

  it('[PAGE-2] asks for the handle if only a shop, or a disabled handle, is connected', () => {
    const shop = source({ kind: 'shopify', account: 'mira.myshopify.com' })
    expect(waitingFor(kinds, [shop])).toMatchObject({
      title: 'Shopify is connected',
      hasLives: false,
      hasOrders: true,
    })
    expect(waitingFor(kinds, [source({ enabled: false })])).toMatchObject({
      title: 'No LIVE yet',
      hasLives: false,
    })
  })
})
