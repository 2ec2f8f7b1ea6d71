/** Whom somebody chose among those found: what to call them, and what to type to confirm. */
export interface ChosenPerson {
  readonly id: string
  readonly name: string
  readonly typed: string
}
