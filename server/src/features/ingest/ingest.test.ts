import { afterAll, beforeAll, describe } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../../test/harness.ts'
import { countingContract } from '../../pipeline/counting.contract.ts'
import { logContract } from '../../pipeline/log.contract.ts'
import { restatingContract } from '../../pipeline/restating.contract.ts'
import { ingestContract } from './ingest.contract.ts'

describe.each(databases())('on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  ingestContract(() => app)
  countingContract(() => app)
  logContract(() => app)
  restatingContract(() => app)
})
