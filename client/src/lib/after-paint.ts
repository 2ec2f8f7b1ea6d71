/** Resolves once the current document has been painted: heavy work starts after the first numbers. */
export function afterPaint(): Promise<void> {
  // The frame's own callbacks run before it is painted, a task queued by them runs after it.
  return new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))
}
