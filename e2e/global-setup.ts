import type { TestProject } from 'vitest/node'
import { findBrowser, launchBrowserServer } from '../scripts/browser.ts'
import { hidesServices } from '../scripts/test/backends.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser shared by all files listens. */
    browserServer: string
  }
}

/** A browser takes a second to start and contexts separate tests: one is enough for all files. */
export default async function setup(project: TestProject) {
  if (hidesServices() || !findBrowser()) return
  const server = await launchBrowserServer()
  project.provide('browserServer', server.wsEndpoint())
  return () => server.close()
}
