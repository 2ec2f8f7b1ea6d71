/** Apps that tests of this process started and have not ended. */
export const openApps = new Set<AsyncDisposable>()
