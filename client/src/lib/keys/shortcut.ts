/** One way to do something by keyboard. */
export interface Shortcut {
  readonly id: string
  /** As `KeyboardEvent.key`; `Mod` is Ctrl, and Cmd on a Mac. */
  readonly keys: string
  readonly does: string
  /** Other words by which the palette finds it. */
  readonly also?: string
  readonly group: 'Show' | 'Happening' | 'Page'
}
