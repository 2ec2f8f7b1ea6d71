/** The token of a link: it stands in the fragment, which neither servers nor their logs ever see. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') || null
}

/** Takes the token out of the address bar, so that no history, bookmark or picture of the screen keeps it. */
export function takeToken(): string | null {
  const token = tokenOf(location.hash)
  if (token) history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
