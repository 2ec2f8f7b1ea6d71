import { describe, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { busContract } from './bus.contract.ts'
import { createInProcessBus } from './in-process.ts'

describe('in-process bus', () => {
  busContract(async () => createInProcessBus({ log: silentLog(), telemetry: createTelemetry() }))

  test('[NODE-5] publishes and listener errors are counted', async () => {
    const telemetry = createTelemetry()
    await using bus = createInProcessBus({ log: silentLog(), telemetry })
    await bus.subscribe('a', () => {
      throw new Error('broken')
    })
    await bus.publish('a', 'message')
    await Promise.resolve()
    const text = await telemetry.text()
    expect(text).toContain('creatorflow_bus_published_total{outcome="sent"} 1')
    expect(text).toContain('creatorflow_bus_listener_failures_total 1')
  })
})
