import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserServer, chromium } from 'playwright-core'

// The shell first: it opens a page for a quarter of the cost of a browser that also draws windows.
const systemNames = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
]

export const browserHint =
  "install Debian's package (`apt-get install chromium-headless-shell`), or let Playwright download one (`npx playwright-core install chromium`), or name one in CHROMIUM_PATH"

export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  // A configured but missing browser is an error, not a reason to use another one.
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const onSystem = systemNames.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onSystem, chromium.executablePath()].find((path) => path && existsSync(path))
}

/** This machine's browser, headless and without its own network requests. */
export const launchBrowser = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch(launchOptions(args))

/** The same for several processes: each connects to it. */
export const launchBrowserServer = (): Promise<BrowserServer> =>
  chromium.launchServer(launchOptions())

export const connectBrowser = (address: string): Promise<Browser> => chromium.connect(address)

function launchOptions(args: readonly string[] = []) {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error(`Chromium not found: ${browserHint}`)
  return {
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      ...args,
    ],
  }
}
