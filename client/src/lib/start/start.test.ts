import { creatorId } from '@creatorflow/shared/features/creators'
import { describe, expect, it } from 'vitest'
import { currencyOf, idFor, including, otherIdFor, randomPart, slugOf } from './defaults.ts'
import { firstEventsCommand } from './first-events.ts'

describe('first run', () => {
  it('[PAGE-2] an id is derived from any name', () => {
    const names = ['Mira’s Vintage', 'Café Über', '  A  ', '小红', '-_-', 'x'.repeat(90)]
    expect(names.map(slugOf)).toEqual(['miras-vintage', 'cafe-uber', 'a', '', '', 'x'.repeat(64)])
  })

  it.each(['日本の店', 'ร้านของฉัน', 'متجر', 'חנות', '🛍️🔥', '小红 7', '...'])(
    '[PAGE-2] %s gets an id that the server accepts',
    (name) => {
      const id = idFor(name, randomPart())
      expect(creatorId.safeParse(id).success, id).toBe(true)
      expect(id).toMatch(/^shop-\w{6}$/)
    },
  )

  it('[PAGE-2] two names without Latin letters get different ids', () => {
    expect(new Set(Array.from({ length: 50 }, () => idFor('店', randomPart()))).size).toBe(50)
  })

  it('[PAGE-2] a name whose id is taken or reserved gets another id', () => {
    for (const name of ['Demo', '店', 'x'.repeat(90)]) {
      const id = otherIdFor(name, 'a2b3c4')
      expect(creatorId.safeParse(id).success, id).toBe(true)
      expect(id).toMatch(/-a2b3c4$/)
      expect(id).not.toBe(idFor(name, 'a2b3c4x'))
    }
    expect(idFor('Mira’s Vintage', 'a2b3c4')).toBe('miras-vintage')
  })

  it('[PAGE-2] the currency is guessed from the language tag', () => {
    const tags = ['en-US', 'de', 'ja', 'ar-KW', 'en-GB', 'eo']
    expect(tags.map(currencyOf)).toEqual(['USD', 'EUR', 'JPY', 'KWD', 'GBP', 'USD'])
    expect(including(['a'], 'UTC')).toEqual(['UTC', 'a'])
  })

  it('[PAGE-2] the command passes events through a shell unchanged', () => {
    const command = firstEventsCommand({
      origin: 'http://localhost:3000',
      creator: { id: 'mira', currency: 'JPY' },
      needsKey: false,
      suffix: 'x1',
    })
    const body = /-d '([^']*)'/.exec(command)?.[1] ?? ''
    const [started, paid] = JSON.parse(body)
    expect(started).toMatchObject({ type: 'live_started', creator_id: 'mira' })
    expect(paid).toMatchObject({ amount: 25, currency: 'JPY', session_id: started.session_id })
    expect(command).not.toContain('authorization')
  })

  it('[PAGE-2] on another machine the command has a placeholder for the key', () => {
    const creator = { id: 'mira', currency: 'USD' }
    const command = firstEventsCommand({
      origin: 'https://a.b',
      creator,
      needsKey: true,
      suffix: 'x',
    })
    expect(command).toContain('authorization: Bearer cf_live_')
    expect(command).toContain('"amount": 2500')
  })
})
