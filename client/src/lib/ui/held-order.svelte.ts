interface Row {
  readonly id: string
}

/**
 * The order of a list whose rows can be pressed: while somebody points into it, or is in it by keyboard, no row may
 * become another one there.
 */
export class HeldOrder<T extends Row> {
  /** The ids in the order that is kept; null while it follows `best`. */
  #ids = $state.raw<readonly string[] | null>(null)
  readonly #best: () => readonly T[]
  readonly rows = $derived.by(() => {
    const best = this.#best()
    return this.#ids === null ? best : inOrderOf(best, this.#ids)
  })

  /** `best`: the rows as they would be in order now. */
  constructor(best: () => readonly T[]) {
    this.#best = best
  }

  /** For the element that the rows are in. */
  readonly watch = (element: HTMLElement) => {
    const begin = () => {
      this.#ids ??= this.rows.map(({ id }) => id)
    }
    const end = () => {
      // One of the two may go while the other stays.
      if (!element.matches(':hover, :focus-within')) this.#ids = null
    }
    element.addEventListener('pointerenter', begin)
    element.addEventListener('focusin', begin)
    element.addEventListener('pointerleave', end)
    // What gets the focus next has it only after this event.
    element.addEventListener('focusout', () => setTimeout(end))
    return () => {
      this.#ids = null
    }
  }
}

/** Those of `ids` first and in that order, then the others as they are. */
export function inOrderOf<T extends Row>(rows: readonly T[], ids: readonly string[]): T[] {
  const place = new Map(ids.map((id, at) => [id, at]))
  const placeOf = ({ id }: T) => place.get(id) ?? ids.length
  return [...rows].sort((a, b) => placeOf(a) - placeOf(b))
}
