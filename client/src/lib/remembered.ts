/** What this browser remembers between visits; a browser that refuses storage remembers nothing. */
type Name =
  | 'creator'
  | 'theme'
  | 'language'
  | 'gmv_measure'
  | 'start'
  | 'checklist_hidden'
  | `tiles ${string}`
  | `push ${string}`
  | Switch

/** What is on or off. */
export type Switch = 'streamer' | 'quiet' | 'sound' | 'letters_off'

export function remembered(name: Name): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

export function remember(name: Name, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // A private window: the page works without it.
  }
}
