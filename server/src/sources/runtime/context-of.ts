import type { Database } from '@creatorflow/db/database'
import type { Sealer } from '../../core/seal.ts'
import type { Health } from './health.ts'
import type { Inbox } from './inbox.ts'
import { type IntakeDeps, takeIn } from './intake.ts'
import type { SourceContext, SourceRow } from './source.ts'
import { readCursor, readSecrets, writeCursor, writeSecrets } from './store.ts'

export interface ContextDeps extends IntakeDeps {
  readonly database: Database
  readonly inbox: Inbox
  readonly sealer: Sealer
}

/** What a source may use while it runs. Whatever it stores or sets aside also counts in its health. */
export function contextOf(
  deps: ContextDeps,
  source: SourceRow,
  health: Health,
  signal: AbortSignal,
): SourceContext {
  const { database, deadLetters, inbox, sealer, log } = deps
  const setAside: SourceContext['setAside'] = async (letter) => {
    await deadLetters.setAside(source, letter)
    health.setAside(1)
  }
  return {
    log,
    now: Date.now,
    async deliver(events) {
      const { newestTs, ...account } = await takeIn(deps, source, events, signal)
      health.stored(account.accepted, newestTs, Date.now())
      health.setAside(account.rejected)
      return account
    },
    setAside,
    report: health.report,
    received: (messages) => health.received(messages, Date.now()),
    unknown: health.unknown,
    secrets: {
      read: () => readSecrets(database, sealer, source.id),
      write: (changes) =>
        database.transaction((tx) => writeSecrets(tx, sealer, source.id, changes)),
    },
    cursor: {
      read: () => readCursor(database, source.id),
      write: (changes) => writeCursor(database, source.id, changes),
    },
    workOff: (handle, atOnce) =>
      inbox.workOff(
        source,
        handle,
        ({ id, topic, body }, reason) => setAside({ raw: body, reason, topic, key: id }),
        signal,
        atOnce,
      ),
  }
}
