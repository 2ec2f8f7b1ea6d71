import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorStatus, type Failure } from '@creatorflow/shared/errors'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import type { Response } from 'express'

/** Rejects written as one piece of JSON. */
const REJECTS_A_PIECE = 1_000

/** An account filled while a request is processed. */
export function emptyAccount(): IngestAccount {
  return { accepted: 0, duplicates: 0, superseded: 0, conflicts: [], rejected: [] }
}

/** Answers with the account, in line order; with `failure` if the body ended badly. */
export async function sendAccount(
  response: Response,
  account: IngestAccount,
  failure?: Failure,
): Promise<void> {
  // Chunks may settle in any order; the caller reads its lines in order.
  account.conflicts.sort((a, b) => a.index - b.index)
  account.rejected.sort((a, b) => a.index - b.index)
  response.status(failure ? errorStatus[failure.code] : 200)
  const answer = { ...(failure && { error: failure }), ...account }
  if (account.rejected.length <= REJECTS_A_PIECE) {
    response.json(answer)
    return
  }
  // 100,000 rejects are 12 MB: as one text they would block everyone else.
  response.type('json')
  await pipeline(Readable.from(pieces(answer)), response)
}

function* pieces({ rejected, ...rest }: IngestAccount): Generator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"rejected":[`
  for (let from = 0; from < rejected.length; from += REJECTS_A_PIECE) {
    const piece = JSON.stringify(rejected.slice(from, from + REJECTS_A_PIECE)).slice(1, -1)
    yield from === 0 ? piece : `,${piece}`
  }
  yield ']}'
}
