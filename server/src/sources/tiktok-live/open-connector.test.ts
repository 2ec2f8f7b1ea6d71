import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../config.ts'
import type { Signal } from './connector.ts'
import { openConnector } from './open-connector.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connector-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function open(source: string) {
  const path = join(folder, `client-${source.length}.mjs`)
  await writeFile(path, source)
  return openConnector(loadConfig({ TIKTOK_LIVE_CONNECTOR: path, TIKTOK_SIGN_API_KEY: 'own-key' }))
}

test('[TIKTOK-4] the operator may name a client module, which gets the configuration', async () => {
  const connector = await open(`
    export default (config) => ({
      findRoom: async (handle) => ({ id: handle + '@' + config.tiktokSignApiKey }),
      async *connect() { yield { kind: 'connected' } },
    })`)
  const { signal } = new AbortController()
  expect(await connector.findRoom('mira', { signal })).toEqual({ id: 'mira@own-key' })
  const signals: Signal[] = []
  for await (const told of connector.connect('mira', { id: '1' }, { signal })) signals.push(told)
  expect(signals).toEqual([{ kind: 'connected' }])
})

test('[TIKTOK-4] a module without a client says what it needs', async () => {
  await expect(open('export const other = 1')).rejects.toThrow('must export a function by default')
})
