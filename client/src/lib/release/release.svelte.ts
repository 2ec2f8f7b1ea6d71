/** What is on the page that a new release must not cut short; the page that knows says it. */
class OnAir {
  /** When the LIVE on screen began; null without one that runs. */
  since = $state<number | null>(null)
}

export const onAir = new OnAir()
