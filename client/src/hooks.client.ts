import { reloadOnce } from '#lib/release/reload-once.ts'
import { updated } from '$app/state'

try {
  reloadOnce(window, sessionStorage, () => updated.current)
} catch {
  // The browser blocks storage: the page works without it.
}

// Fetched while the router starts; if it fails, the router reports it.
if (location.pathname.startsWith('/c/')) {
  import('./routes/c/[creator]/Cockpit.svelte').catch(() => undefined)
}
