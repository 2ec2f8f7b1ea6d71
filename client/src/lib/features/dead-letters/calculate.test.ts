import { describe, expect, it } from 'vitest'
import {
  filterOf,
  fromWords,
  progressWords,
  queryOf,
  readable,
  SHOWN_CHARACTERS,
  sizeWords,
  sourceChoices,
} from './calculate.ts'

describe('dead letters', () => {
  it("[SOURCE-7] the filter is in the page's address, and an unknown state is ignored", () => {
    for (const source of ['', 'inside', 'shopify']) {
      for (const state of ['waiting', 'replayed', 'all'] as const) {
        const query = queryOf({ source, state }, { creator: 'a' })
        expect(filterOf(new URLSearchParams(query))).toEqual({ source, state })
      }
    }
    expect(queryOf({ source: '', state: 'waiting' })).toBe('')
    expect(filterOf(new URLSearchParams('state=y'))).toEqual({ source: '', state: 'waiting' })
  })

  it('[SOURCE-7] JSON is formatted without changing any number', () => {
    const text = (body: string) => readable({ body, encoding: 'text' }).text
    expect(text('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(text('no {json')).toBe('no {json')
    expect(text('{"id":576461413038785752}')).toBe('{"id":576461413038785752}')
    expect(text('{"id":"576461413038785752"}')).toBe('{\n  "id": "576461413038785752"\n}')
  })

  it('[SOURCE-7] binary content is shown as bytes', () => {
    const { text } = readable({ body: btoa('\x08\xffHello, this is more'), encoding: 'base64' })
    expect(text.split('\n')).toEqual([
      '000000  08 ff 48 65 6c 6c 6f 2c 20 74 68 69 73 20 69 73  ··Hello, this is',
      '000010  20 6d 6f 72 65                                    more',
    ])
  })

  it('[SOURCE-7] long content is cut, with how much is left', () => {
    const long = readable({ body: 'x'.repeat(SHOWN_CHARACTERS + 7), encoding: 'text' })
    expect(long.text).toHaveLength(SHOWN_CHARACTERS)
    expect(long.left).toBe(7)
    const binary = readable({ body: btoa('\0'.repeat(900_000)), encoding: 'base64' })
    expect(binary.text).toHaveLength(SHOWN_CHARACTERS)
    expect(binary.left).toBeGreaterThan(0)
  })

  it('[SOURCE-7] shows its source, size and replay result', () => {
    const kinds = [{ kind: 'shopify', name: 'Shopify' }]
    const known = [
      ['inside', 'This server'],
      ['shopify', 'Shopify'],
    ]
    expect(sourceChoices(kinds, 'shopify')).toEqual(known)
    // One that only another release knew still has letters here.
    expect(sourceChoices(kinds, 'etsy')).toEqual([...known, ['etsy', 'etsy']])
    expect(fromWords({ kind_name: 'Shopify', source_name: 'My shop' })).toBe('My shop')
    expect(fromWords({ kind_name: 'Shopify', source_name: null })).toBe('Shopify')
    expect([1, 1_500, 2_500_000].map((n) => sizeWords(n, 'en'))).toEqual([
      '1 B',
      '1.5 kB',
      '2.5 MB',
    ])
    expect(progressWords({ replayed: 1, failed: 1 }, false)).toBe(
      'Replaying: 2 dead letters processed so far.',
    )
    expect(progressWords({ replayed: 0, failed: 0 }, true)).toBe('Nothing to replay.')
    expect(progressWords({ replayed: 1, failed: 0 }, true)).toBe(
      '1 dead letter replayed and counted.',
    )
    expect(progressWords({ replayed: 2, failed: 1 }, true)).toBe(
      '2 dead letters replayed; 1 dead letter failed again; see the new reason.',
    )
  })
})
