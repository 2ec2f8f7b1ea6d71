/** What names a subject among those of a rule. */
export const keyOf = (of: { readonly session_id: string; readonly subject: string }): string =>
  `${of.session_id}\u0000${of.subject}`
