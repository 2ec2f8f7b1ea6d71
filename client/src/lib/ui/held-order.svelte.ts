interface Row {
  readonly id: string
}

/**
 * Order of a list whose rows can be pressed: while someone points into it or is in it by keyboard, rows must
 * not swap places.
 */
export class HeldOrder<T extends Row> {
  /** The ids in the kept order; null while it follows `best`. */
  #ids = $state.raw<readonly string[] | null>(null)
  readonly #best: () => readonly T[]
  readonly rows = $derived.by(() => {
    const best = this.#best()
    return this.#ids === null ? best : inOrderOf(best, this.#ids)
  })

  /** `best`: the rows in their current ideal order. */
  constructor(best: () => readonly T[]) {
    this.#best = best
  }

  /** For the element that contains the rows. */
  readonly watch = (element: HTMLElement) => {
    const begin = () => {
      this.#ids ??= this.rows.map(({ id }) => id)
    }
    const end = () => {
      // One of the two may leave while the other stays.
      if (!element.matches(':hover, :focus-within')) this.#ids = null
    }
    element.addEventListener('pointerenter', begin)
    element.addEventListener('focusin', begin)
    element.addEventListener('pointerleave', end)
    // The next element gets focus only after this event.
    element.addEventListener('focusout', () => setTimeout(end))
    return () => {
      this.#ids = null
    }
  }
}

/** Those of `ids` first, in that order, then the others unchanged. */
export function inOrderOf<T extends Row>(rows: readonly T[], ids: readonly string[]): T[] {
  const place = new Map(ids.map((id, at) => [id, at]))
  const placeOf = ({ id }: T) => place.get(id) ?? ids.length
  return [...rows].sort((a, b) => placeOf(a) - placeOf(b))
}
