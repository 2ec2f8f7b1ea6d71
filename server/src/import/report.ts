import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { csvHeader, csvRows } from '../http/csv.ts'
import type { RejectedItem } from './transfer.ts'

export interface Report {
  add(item: RejectedItem): Promise<void>
  close(): Promise<void>
}

/** A table of what was rejected: row, column, reason. `append` continues that of an interrupted import. */
export async function openReport(path: string, append: boolean): Promise<Report> {
  const file = createWriteStream(path, { flags: append ? 'a' : 'w' })
  await once(file, 'open')
  const write = async (text: string) => {
    if (!file.write(text)) await once(file, 'drain')
  }
  if (!append) await write(csvHeader(['row', 'column', 'reason']))
  return {
    add: ({ row, column, reason }) => write(csvRows([[row, column, reason]])),
    async close() {
      file.end()
      await once(file, 'close')
    },
  }
}
