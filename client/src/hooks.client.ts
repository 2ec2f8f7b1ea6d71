// On its way while the router starts; when it does not come, the router says so.
if (location.pathname.startsWith('/c/')) {
  import('./routes/c/[creator]/Cockpit.svelte').catch(() => undefined)
}
