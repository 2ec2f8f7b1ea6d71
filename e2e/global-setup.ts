import type { TestProject } from 'vitest/node'
import { findBrowser, launchBrowserServer } from '../scripts/browser.ts'
import { hidesServices } from '../scripts/test/backends.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser listens that all files share. */
    browserServer: string
  }
}

/** A browser takes a second to start and is told apart by contexts: one is enough for all files. */
export default async function setup(project: TestProject) {
  if (hidesServices() || !findBrowser()) return
  const server = await launchBrowserServer()
  project.provide('browserServer', server.wsEndpoint())
  return () => server.close()
}
