/** What a chart says at one of its points. */
export interface ChartReading {
  /** Which point it is, such as its time. */
  readonly title: string
  readonly rows: readonly {
    readonly name: string
    readonly words: string
    /** For programs that read the page. */
    readonly bare?: number | ''
  }[]
}
