import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import SourceFields from './SourceFields.svelte'
import SourcePanel from './SourcePanel.svelte'

/** One that nothing in the client names. */
const kind: SourceKind = {
  kind: 'toy_market',
  name: 'Toy Market',
  summary: 'Orders of a stall.',
  account_prefix: '#',
  fields: [
    {
      name: 'stall',
      label: 'Stall',
      hint: 'The word on its sign.',
      secret: false,
      optional: false,
      form: 'always',
    },
    {
      name: 'token',
      label: 'Token',
      hint: 'On its back.',
      secret: true,
      optional: true,
      form: 'always',
    },
  ],
  afterwards: '',
  problems: { closed: { text: 'The market is closed.', todo: 'Wait until it opens.' } },
  authorize: 'Authorize on Toy Market',
  connect: null,
  console: null,
  checkable: true,
  provides: 'orders',
  checked_every_s: null,
}

const source: Source = {
  id: '00000000-0000-4000-8000-000000000000',
  creator_id: 'mira',
  kind: 'toy_market',
  account: 'bears',
  name: 'Bears',
  enabled: true,
  settings: {},
  created_at: '2026-11-20T12:00:00.000Z',
  webhook_path: '/api/v1/webhooks/toy-market/1',
  held: true,
  state: 'needs_you',
  since: '2026-11-20T12:00:00.000Z',
  problem: 'closed',
  problem_detail: null,
  problem_at: null,
  retry_at: null,
  messages: 0,
  messages_per_s: 0,
  events: 0,
  set_aside: 0,
  unknown: {},
  last_message_at: null,
  last_event_at: null,
  lag_ms: null,
  checks: null,
}

const panel = (of: SourceKind | undefined, may = true) =>
  render(SourcePanel, {
    props: {
      source,
      kind: of,
      now: Date.parse('2026-11-20T12:05:00.000Z'),
      publicUrl: 'https://live.example.com',
      mayManage: may,
      mayOperate: may,
      changed: async () => {},
      ask: () => {},
    },
  }).body

describe('what is drawn of a kind that the client never heard of', () => {
  it('[SOURCE-4] its form has a labeled input for each field and masks secrets', () => {
    const { body } = render(SourceFields, {
      props: { fields: kind.fields, values: {}, errors: { stall: 'must be letters only' } },
    })
    expect(body).toContain('>Stall</label>')
    expect(body).toContain('>Token (optional)</label>')
    expect(body).toContain('The word on its sign.')
    const [stall = '', token = ''] = body.match(/<input[^>]*>/g) ?? []
    expect(stall).toMatch(/aria-invalid/)
    expect(stall).toMatch(/required/)
    expect(stall).not.toMatch(/class="[^"]*secret/)
    expect(token).toMatch(/class="[^"]*secret/)
    expect(token).not.toMatch(/required/)
  })

  it('[SOURCE-4][SOURCE-5] its panel has its name, problem texts, address and button', () => {
    const body = panel(kind)
    for (const words of [
      'Toy Market · #bears',
      'The market is closed.',
      'Wait until it opens.',
      'Webhook URL to enter in Toy Market',
      'https://live.example.com/api/v1/webhooks/toy-market/1',
      'Authorize on Toy Market',
      'Reconnect',
    ]) {
      expect(body).toContain(words)
    }
    expect(panel(kind, false)).not.toMatch(/Authorize|Reconnect|Remove/)
  })

  it('[SOURCE-3] an unknown kind offers only actions that always work', () => {
    const body = panel(undefined)
    expect(body).toContain('toy_market · bears')
    expect(body).toContain('>Remove</button>')
    expect(body).toContain('>Turn off</button>')
    for (const words of ['Reconnect', 'Authorize', 'Retry now', 'undefined']) {
      expect(body).not.toContain(words)
    }
  })
})
