import { afterEach, describe, expect, test, vi } from 'vitest'
import { FOLD_SHAPE, FOLD_VERSION, shapeOf } from './fold-version.ts'
import type { BaseMetric, Metric } from './metrics.ts'
import { catalogueOf, metric, withMore } from './test/more-metrics.ts'

type Catalogue = typeof import('./metrics.ts')
type Entries = Record<string, Metric>

afterEach(() => {
  vi.doUnmock('./metrics.ts')
  vi.resetModules()
})

async function versionWith(entriesOf: (actual: Catalogue) => Entries): Promise<number> {
  vi.resetModules()
  vi.doMock('./metrics.ts', async (load) => {
    const actual = await load<Catalogue>()
    return catalogueOf(actual, entriesOf(actual))
  })
  return (await import('./fold-version.ts')).FOLD_VERSION
}

const changed = (id: string, more: Partial<BaseMetric>) =>
  versionWith(
    ({ metrics }) => ({ ...metrics, [id]: { ...(metrics as Entries)[id], ...more } }) as Entries,
  )

describe('[TOTAL-5] the version of the fold', () => {
  test('is the same whatever the order of entries', async () => {
    const reversed = await versionWith(
      ({ metrics }) => Object.fromEntries(Object.entries(metrics).reverse()) as Entries,
    )
    expect(reversed).toBe(FOLD_VERSION)
  })

  test('changes with a metric, source, column, scope, merge or series', async () => {
    const versions = [
      FOLD_VERSION,
      await versionWith((actual) =>
        withMore(actual, { questions: metric('Questions', { from: { comment: ['rows'] } }) }),
      ),
      await versionWith(({ metrics: { page_views: _, ...rest } }) => rest as Entries),
      await changed('likes', { from: { like: ['units'] } }),
      await changed('likes', { from: { like: ['units', 'opening'], share: ['units'] } }),
      await changed('likes', { scopes: ['live'] }),
      await changed('likes', { merge: 'max' }),
      await changed('likes', { series: 'tens' }),
      await changed('likes', { product: true }),
    ]
    expect(new Set(versions).size).toBe(versions.length)
  })

  test("does not change with a metric's wording", async () => {
    expect(await changed('likes', { name: 'Hearts', definition: 'Taps', good: 'neither' })).toBe(
      FOLD_VERSION,
    )
  })

  test('fits its column and shows its shape', () => {
    expect(FOLD_VERSION).toBeLessThan(2 ** 31)
    expect(shapeOf(FOLD_VERSION)).toBe(FOLD_SHAPE)
    expect([1, 2, 3].map(shapeOf)).toEqual([1, 2, 3])
  })
})
