import { expect, test } from 'vitest'
import { createTelemetry, telemetryTable } from './telemetry.ts'

test('[WEB-4] every metric of the table is in /metrics, under one prefix', async () => {
  const telemetry = createTelemetry({ process: true })
  telemetry.count('events_total', { outcome: 'accepted' }, 5)
  telemetry.observe('write_seconds', { lane: 'live' }, 0.02)
  telemetry.set('queued_events', 7)
  let sockets = 1
  telemetry.sample('sockets', () => sockets)
  sockets = 2
  const text = await telemetry.text()
  for (const name of Object.keys(telemetryTable)) {
    expect(text).toContain(`# TYPE creatorflow_${name} `)
  }
  expect(text).toContain('creatorflow_events_total{outcome="accepted"} 5')
  expect(text).toContain('creatorflow_write_seconds_count{lane="live"} 1')
  expect(text).toContain('creatorflow_queued_events 7')
  expect(text).toContain('creatorflow_sockets 2')
  expect(text).toContain('process_resident_memory_bytes')
})

test('[WEB-4] labels come from closed lists: an unknown one does not compile', () => {
  const telemetry = createTelemetry()
  // @ts-expect-error a creator is no label
  expect(() => telemetry.count('events_total', { creator: 'alice' })).toThrow()
  // @ts-expect-error an outcome that is not in the list
  telemetry.count('events_total', { outcome: 'lost' })
})
