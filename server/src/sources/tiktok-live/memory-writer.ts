import type { SourceContext } from '../runtime/source.ts'
import type { LiveEvent } from './normalise.ts'
import type { WatchMemory } from './watch-state.ts'

/** A node that takes over knows what was seen until this long before. */
const REMEMBER_MS = 2_000

/** Stores what a watch knows, after the events it describes. */
export interface MemoryWriter {
  /** Whether the last stored state has grown old. */
  isDue(at: number): boolean
  /** In order, and what is known only after its events are stored: a crash in between repeats them. */
  write(memory: WatchMemory, events: readonly LiveEvent[], at: number): void
  /** Resolves when everything is stored, or could not be. */
  end(): Promise<void>
}

/** `isOver` says whether the watch has ended: then another node may know better. */
export function createMemoryWriter(
  context: Pick<SourceContext, 'deliver' | 'cursor' | 'log'>,
  isOver: () => boolean,
): MemoryWriter {
  let storing: Promise<void> = Promise.resolve()
  let writtenAt = 0

  async function store(memory: WatchMemory, events: readonly LiveEvent[]): Promise<void> {
    if (events.length > 0) {
      await context.deliver(events.map((event) => ({ event, raw: event, topic: event.type })))
    }
    if (!isOver()) await context.cursor.write({ watch: memory })
  }

  return {
    isDue: (at) => at - writtenAt >= REMEMBER_MS,
    write(memory, events, at) {
      writtenAt = at
      storing = storing
        .then(() => store(memory, events))
        .catch((error: unknown) => {
          writtenAt = 0
          if (!isOver()) context.log.warn({ err: error }, 'failed to save the state of a watch')
        })
    },
    end: () => storing,
  }
}
