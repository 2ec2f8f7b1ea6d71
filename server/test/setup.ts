// Runs for each file: an imported module registers its hooks only for the first file of its process.
import { afterAll } from 'vitest'
import { openApps } from './open-apps.ts'

afterAll(async () => {
  const left = [...openApps]
  for (const app of left) await app[Symbol.asyncDispose]()
  if (left.length > 0) throw new Error(`${left.length} apps were left open by these tests`)
})
