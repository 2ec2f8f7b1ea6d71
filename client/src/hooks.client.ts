import { reloadOnce } from '#lib/release/reload-once.ts'
import { updated } from '$app/state'

try {
  reloadOnce(window, sessionStorage, () => updated.current)
} catch {
  // A browser that stores nothing: the page works all the same.
}

// On its way while the router starts; when it does not come, the router says so.
if (location.pathname.startsWith('/c/')) {
  import('./routes/c/[creator]/Cockpit.svelte').catch(() => undefined)
}
