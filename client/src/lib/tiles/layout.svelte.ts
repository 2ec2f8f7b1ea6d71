import { remember, remembered } from '#lib/remembered.ts'
import { defaultLayout, type Layout, readLayout } from './layout.ts'

/** The tiles of one creator as whoever uses this browser wants them. */
export class TileLayout {
  shown = $state.raw<Layout>(defaultLayout)
  readonly #creatorId: string

  constructor(creatorId: string) {
    this.#creatorId = creatorId
    this.shown = readLayout(remembered(`tiles ${creatorId}`))
  }

  show(shown: Layout): void {
    this.shown = shown
    remember(`tiles ${this.#creatorId}`, shown === defaultLayout ? null : JSON.stringify(shown))
  }
}
