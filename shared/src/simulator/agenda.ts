/** Planned steps in order of time; simultaneous ones keep the order of planning. */
export interface Agenda {
  /** Plans a step at a time in epoch ms. */
  at(ts: number, step: () => void): void
  /** Removes the first one. */
  next(): Planned | undefined
}

export interface Planned {
  readonly ts: number
  readonly order: number
  readonly step: () => void
}

/** A binary heap: a long LIVE plans hundreds of thousands of steps. */
export function createAgenda(): Agenda {
  const heap: Planned[] = []
  let order = 0
  const at = (index: number) => heap[index] as Planned
  const swap = (a: number, b: number) => {
    const kept = at(a)
    heap[a] = at(b)
    heap[b] = kept
  }
  const isBefore = (a: number, b: number) =>
    at(a).ts < at(b).ts || (at(a).ts === at(b).ts && at(a).order < at(b).order)

  function rise(index: number): void {
    for (let child = index; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!isBefore(child, parent)) return
      swap(child, parent)
      child = parent
    }
  }
  function sink(): void {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      if (left >= heap.length) return
      const child = left + 1 < heap.length && isBefore(left + 1, left) ? left + 1 : left
      if (!isBefore(child, parent)) return
      swap(child, parent)
      parent = child
    }
  }

  return {
    at(ts, step) {
      heap.push({ ts, order: order++, step })
      rise(heap.length - 1)
    },
    next() {
      const first = heap[0]
      const last = heap.pop()
      if (last && heap.length > 0) {
        heap[0] = last
        sink()
      }
      return first
    },
  }
}
