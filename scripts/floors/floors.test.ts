import { describe, expect, test } from 'vitest'
import {
  acrossFeatures,
  againstFloors,
  circles,
  importsOf,
  mutualFolders,
  type SourceFile,
} from './floors.ts'

/** Files by path, with their imports. */
const house = (files: Readonly<Record<string, readonly string[]>>): SourceFile[] =>
  Object.entries(files).map(([path, imports]) => ({ path, imports }))

const plan = { root: 'src', floors: [['core'], ['log', 'bus'], ['features'], ['.']] }

describe('floors', () => {
  test('[REPO-2] imports go down, and folders on one floor do not import each other', () => {
    const good = {
      'src/app.ts': ['src/features/a/index.ts', 'src/core/log.ts'],
      'src/features/a/index.ts': ['src/log/rows.ts', 'src/features/a/sql.ts'],
      'src/features/a/sql.ts': ['shared/src/x.ts'],
      'src/log/rows.ts': ['src/core/log.ts'],
      'src/core/log.ts': [],
    }
    expect(againstFloors(house(good), plan)).toEqual([])
    const up = house({ ...good, 'src/core/log.ts': ['src/log/rows.ts'] })
    expect(againstFloors(up, plan)).toEqual([
      'src/core/log.ts imports src/log/rows.ts: core may not import log',
    ])
    const across = house({ ...good, 'src/bus/bus.ts': ['src/log/rows.ts'] })
    expect(againstFloors(across, plan)).toHaveLength(1)
    const homeless = house({ ...good, 'src/attic/box.ts': [] })
    expect(againstFloors(homeless, plan)).toEqual(['src/attic stands on no floor'])
  })

  test('[REPO-2] folders and files that import each other are found, type imports too', () => {
    const both = house({ 'a/x.ts': ['b/y.ts'], 'b/z.ts': ['a/w.ts'], 'a/w.ts': [], 'b/y.ts': [] })
    expect(mutualFolders(both)).toEqual([
      'a and b import each other: a/x.ts imports b/y.ts; b/z.ts imports a/w.ts',
    ])
    expect(circles(both)).toEqual([])
    const ring = house({ 'a/x.ts': ['a/y.ts'], 'a/y.ts': ['a/z.ts'], 'a/z.ts': ['a/y.ts'] })
    expect(circles(ring)).toEqual(['a circle: a/y.ts → a/z.ts → a/y.ts'])
    expect(mutualFolders(ring)).toEqual([])
    const text = `
import type { A } from './a.ts'
import {
  b,
} from "../b/b.ts"
export * from './c.ts'
const d = await import('./d.ts')
import Panel from '$lib/ui/Panel.svelte'
import { sql } from '@creatorflow/db/sql'
import './style.css'`
    expect(importsOf('src/x/x.ts', text)).toEqual([
      'src/x/a.ts',
      'src/b/b.ts',
      'src/x/c.ts',
      'src/x/d.ts',
      'client/src/lib/ui/Panel.svelte',
      'src/x/style.css',
    ])
  })

  test('[REPO-2] features do not import each other', () => {
    const files = house({
      'f/a/index.ts': ['f/a/sql.ts', 'core/log.ts'],
      'f/b/index.ts': ['f/a/sql.ts'],
      'f/index.ts': ['f/a/index.ts', 'f/b/index.ts'],
    })
    expect(acrossFeatures(files, 'f')).toEqual([
      'f/b/index.ts imports f/a/sql.ts: features do not import each other',
    ])
  })
})
