/**
 * `next`, in which every row equal to the previous one with its key is that same object, so it is not
 * recomputed or redrawn. Rows are flat: their members are compared one by one.
 */
export function reuse<Row extends object>(
  before: readonly Row[],
  next: readonly Row[],
  keyOf: (row: Row) => unknown,
): readonly Row[] {
  const known = new Map(before.map((row) => [keyOf(row), row]))
  const rows = next.map((row) => {
    const held = known.get(keyOf(row))
    return held && isSame(held, row) ? held : row
  })
  return rows.length === before.length && rows.every((row, at) => row === before[at])
    ? before
    : rows
}

function isSame<Row extends object>(one: Row, other: Row): boolean {
  const [members, others] = [Object.entries(one), Object.keys(other)]
  return (
    members.length === others.length &&
    members.every(([name, value]) => Object.is(value, other[name as keyof Row]))
  )
}

/** Like `reuse`, with the rows of its last call. */
export function reusing<Row extends object>(keyOf: (row: Row) => unknown) {
  let before: readonly Row[] = []
  return (next: readonly Row[]): readonly Row[] => {
    before = reuse(before, next, keyOf)
    return before
  }
}
