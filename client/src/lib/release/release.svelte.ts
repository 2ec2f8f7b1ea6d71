/** What a new release must not interrupt; set by the page that knows. */
class OnAir {
  /** When the LIVE on screen started; null if none is on. */
  since = $state<number | null>(null)
}

export const onAir = new OnAir()
