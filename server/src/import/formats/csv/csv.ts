import { checkedEncoding, openText } from '../../../core/text/text.ts'
import {
  choiceOf,
  type Format,
  flagOf,
  type Item,
  listOf,
  type Source,
  textOf,
  wholeNumberOf,
} from '../format.ts'
import { columnOf, type MappingOptions, planMapping } from './mapping.ts'
import { type PickOptions, planPick } from './pick.ts'
import { readRow } from './read-row.ts'
import { createRowIds } from './row-ids.ts'
import { survey } from './survey.ts'
import { openTable } from './table.ts'

/** Tables with a header: each column's field follows from its name, or is given. */
export const csv: Format = {
  about: 'a table with a header, one event per row',
  options: {
    map: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    type: { type: 'string' },
    now: { type: 'boolean', default: false },
    money: { type: 'string', default: 'decimal' },
    decimal: { type: 'string' },
    'date-format': { type: 'string' },
    only: { type: 'string', multiple: true },
    except: { type: 'string', multiple: true },
    'skip-rows': { type: 'string', default: '0' },
    delimiter: { type: 'string' },
    encoding: { type: 'string' },
    'trust-ids': { type: 'boolean', default: false },
  },
  usage: `  --map COLUMN=FIELD  maps a column to a field, such as "Order ID=order_id" or "Item=properties.product_name";
                      columns named like a field need no mapping
  --set FIELD=VALUE   sets a field for every row, such as channel=shopify
  --type TYPE         sets the event type, same as --set type=TYPE
  --now               everything happens right now, for files without times
  --date-format HOW   dmy (day first) or mdy (month first): dates such as 05/11/2026
  --decimal MARK      how decimals are written: point (1,234.50) or comma (1.234,50)
  --money HOW         how amounts are written: decimal (12.50, the default) or minor (1250)
  --only COLUMN=VALUE import only rows with this value; repeat for more values or columns
  --except COLUMN=VALUE
                      skip rows with this value, such as "Paid Time=" for rows without one
  --skip-rows N       skip the first N rows after the header, such as column descriptions
  --delimiter CHAR    what separates cells (default: detected from the header)
  --encoding NAME     if the file is not UTF-8 or UTF-16, such as windows-1252 or shift_jis
  --trust-ids         accept IDs that look rounded by a spreadsheet`,
  prepare(values) {
    const type = textOf(values, 'type')
    const encoding = textOf(values, 'encoding')
    const name = encoding === undefined ? undefined : checkedEncoding(encoding)
    const reading = {
      map: listOf(values, 'map'),
      set: [...listOf(values, 'set'), ...(type === undefined ? [] : [`type=${type}`])],
      money: choiceOf(values, 'money', ['decimal', 'minor']) ?? 'decimal',
      decimal: choiceOf(values, 'decimal', ['point', 'comma']),
      dateFormat: choiceOf(values, 'date-format', ['dmy', 'mdy']),
      isNow: flagOf(values, 'now'),
    }
    const picking = {
      skipRows: wholeNumberOf(values, 'skip-rows'),
      only: listOf(values, 'only'),
      except: listOf(values, 'except'),
    }
    const delimiter = textOf(values, 'delimiter')
    const trustIds = flagOf(values, 'trust-ids')
    return (path, context) =>
      openCsv(path, { ...reading, ...context }, picking, { encoding: name, delimiter, trustIds })
  },
}

interface FileOptions {
  readonly encoding: string | undefined
  readonly delimiter: string | undefined
  readonly trustIds: boolean
}

async function openCsv(
  path: string,
  options: MappingOptions,
  picking: PickOptions,
  { encoding, delimiter, trustIds }: FileOptions,
): Promise<Source> {
  const table = await openTable(await openText(path, encoding), delimiter)
  const { header } = table
  const mapping = planMapping(header, options)
  const pick = planPick(header, picking)
  const found = await survey(table, mapping, pick)
  const unused = header.filter((_, n) => mapping.fields[n] === undefined)
  let leftOut = 0
  return {
    get bytesRead() {
      return table.bytesRead
    },
    get leftOut() {
      return leftOut
    },
    columnOf: (field: string) => columnOf(mapping, field),
    notes: [
      ...header.flatMap((column, n) => {
        const field = mapping.fields[n]
        return field === undefined ? [] : [`  ${column} → ${field}`]
      }),
      ...(unused.length > 0 ? [`  not used: ${unused.join(', ')}`] : []),
    ],
    async *items(): AsyncGenerator<Item> {
      const state = { ids: createRowIds(), rounded: found.rounded, trustIds }
      let index = 0
      leftOut = 0
      for await (const row of table.rows()) {
        if ('flaw' in row) {
          yield { kind: 'rejected', row: row.line, column: '', reason: row.flaw }
          continue
        }
        if (!pick(row.cells, index++)) {
          leftOut++
          continue
        }
        const read = readRow(row.cells, mapping, state)
        if (read.ok) yield { kind: 'event', row: row.line, value: read.value }
        else {
          const { column, reason, code } = read
          yield { kind: 'rejected', row: row.line, column, reason, ...(code && { code }) }
        }
      }
    },
  }
}
