/** A creator as screens and requests name it. */
export interface Creator {
  /** Slug, `[a-z0-9_-]{1,64}`. */
  readonly id: string
  readonly name: string
  /** IANA zone: days are local days of this zone. */
  readonly time_zone: string
  /** ISO 4217: money in another currency is left out of the sums. */
  readonly currency: string
  /** BCP 47. */
  readonly locale: string
  readonly kind: 'real' | 'demo' | 'replay'
  /** Version of its image; absent where nobody asked for it. */
  readonly logo?: string | null
}
