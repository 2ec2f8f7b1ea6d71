import { type HostileResult, LEAST_EVENTS, MOST_GROWTH_MB } from './run.ts'

/** Problems that a run found, one sentence each; empty if the server held. */
export function faultsIn(result: HostileResult): string[] {
  const faults: string[] = []
  if (result.exits > 0) faults.push('The server process ended.')
  if (result.internalFailures !== 0) faults.push(`${result.internalFailures} internal failures.`)
  for (const error of result.errors) faults.push(`The log says: ${error}`)
  for (const wrong of result.http.wrong) faults.push(`A request got the response ${wrong}`)
  for (const { name, connections, ended } of result.floods) {
    if (ended < connections)
      faults.push(`${name}: ${connections - ended} connections were not closed.`)
  }
  for (const { name, healthyEvents, healthyFailed, grewMb } of result.stretches) {
    if (healthyEvents < LEAST_EVENTS) {
      faults.push(
        `${name}: the healthy screen showed ${healthyEvents} events, too few for a verdict.`,
      )
    }
    if (healthyFailed > 0) faults.push(`${name}: ${healthyFailed} healthy events failed.`)
    if (grewMb !== null && grewMb > MOST_GROWTH_MB) {
      faults.push(`${name}: memory stayed ${grewMb} MB above its initial level.`)
    }
  }
  return faults
}
