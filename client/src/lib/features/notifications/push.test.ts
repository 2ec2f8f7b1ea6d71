import type { AlertDelivery, AlertTarget } from '@creatorflow/shared/features/notifications'
import { targetStates } from '@creatorflow/shared/features/notifications'
import { describe, expect, it } from 'vitest'
import { whyNoPush } from './push.ts'
import { attemptWords, stateWords, summaryOf, targetWords, waitingWords } from './words.ts'

const able = { isSecureContext: true, hasPush: true, permission: 'default' } as const
const now = Date.parse('2026-11-30T21:00:00Z')
const target = (changes: Partial<AlertTarget> = {}): AlertTarget => ({
  id: '00000000-0000-4000-8000-000000000003',
  kind: 'webhook',
  name: 'Warehouse',
  address: 'https://hooks.example.com',
  own: false,
  state: 'ok',
  failures: 0,
  paused_until: null,
  waiting: 0,
  sent_at: null,
  failed_at: null,
  problem: null,
  created_at: '2026-11-30T20:00:00Z',
  ...changes,
})

describe('notifications', () => {
  it('[NOTIFY-5] says in words why a browser can’t be notified', () => {
    expect(whyNoPush(able)).toBeNull()
    expect(whyNoPush({ ...able, permission: 'granted' })).toBeNull()
    expect(whyNoPush({ ...able, isSecureContext: false, hasPush: false })).toContain('https://')
    expect(whyNoPush({ ...able, hasPush: false })).toContain('Home Screen')
    expect(whyNoPush({ ...able, permission: 'denied' })).toContain('blocked')
  })

  it('[NOTIFY-3] a target’s state is a word, and what is wrong a sentence', () => {
    for (const state of targetStates) {
      expect(stateWords({ state }).state).toMatch(/^[A-Z]/)
      expect(targetWords(target({ state }), now) ?? '').not.toMatch(/undefined|null/)
    }
    const paused = target({ state: 'paused', paused_until: '2026-11-30T21:05:00Z' })
    expect(targetWords(paused, now)).toContain('in 5 minutes')
    expect([0, 1, 2].map((waiting) => waitingWords({ waiting }))).toEqual([
      undefined,
      '1 message waits to be sent.',
      '2 messages wait to be sent.',
    ])
  })

  it('[NOTIFY-3] a delivery says what it was about and how it went', () => {
    const item = {
      id: 'a',
      kind: 'alert',
      transition: 'recovered',
      severity: 'info',
      title: 'GMV down',
      text: '',
      at: '2026-11-30T21:00:00Z',
    } as const
    expect(summaryOf({ items: [item] })).toBe('Recovered: GMV down')
    expect(summaryOf({ items: [item, item, item] })).toBe('Recovered: GMV down, and 2 more')
    const tried = (outcome: 'sent' | 'failed', status: number | null, text: string | null) => ({
      at: item.at,
      outcome,
      status,
      text,
      ms: 5,
    })
    const words = (attempts: AlertDelivery['attempts'], state: AlertDelivery['state'] = 'failed') =>
      attemptWords({ attempts, state })
    expect(words([], 'waiting')).toBe('Not tried yet')
    expect(words([tried('sent', 200, null)], 'sent')).toBe('')
    expect(words([tried('failed', 500, 'oops')])).toBe('1 attempt; HTTP 500: oops')
    const twice = [tried('failed', null, 'It did not answer in time.'), tried('failed', 503, null)]
    expect(words(twice)).toBe('2 attempts; HTTP 503')
    expect(words(twice.toReversed())).toBe('2 attempts; It did not answer in time.')
  })
})
