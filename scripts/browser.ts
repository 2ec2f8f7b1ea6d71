import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserServer, chromium } from 'playwright-core'

// The shell first: it opens a page for a quarter of what a browser takes that also draws windows around it.
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
  // A named browser that is missing is a mistake to tell, not a reason to take another one.
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const onSystem = systemNames.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onSystem, chromium.executablePath()].find((path) => path && existsSync(path))
}

/** The browser of this machine, without a window and without what it would ask the network for. */
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
