/** How one dependency is. */
export interface ReadinessPart {
  readonly ok: boolean
  /** A few words without addresses or secrets: anybody may read them. */
  readonly detail: string
}

/** What `/readyz` answers. */
export interface Readiness {
  /** Whether work can be done at all; a part may be lost while the rest goes on. */
  readonly ok: boolean
  readonly parts: Readonly<Record<string, ReadinessPart>>
}
