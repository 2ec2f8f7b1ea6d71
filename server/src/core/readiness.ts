/** Status of one dependency. */
export interface ReadinessPart {
  readonly ok: boolean
  /** A few words without addresses or secrets: anyone may read them. */
  readonly detail: string
}

/** The answer of `/readyz`. */
export interface Readiness {
  /** Whether work can be done at all; a part may be lost while the rest continues. */
  readonly ok: boolean
  readonly parts: Readonly<Record<string, ReadinessPart>>
}
