/** Calls `refresh` every so many milliseconds while the tab is in sight; returns what ends it, as an effect does. */
export function whileVisible(refresh: () => unknown, everyMs: number): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void refresh()
  }, everyMs)
  return () => clearInterval(timer)
}
