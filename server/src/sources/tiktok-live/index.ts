import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../../config.ts'
import type { SourceKind } from '../source.ts'
import type { Connector, OpenConnector } from './connector.ts'
import { eventsOfLetter } from './letter.ts'
import { openTikTokLiveConnector } from './tiktok-live-connector.ts'
import { watch } from './watch.ts'

/** TikTok LIVE by handle. */
export function createTikTokLive({ config }: { readonly config: Config }): SourceKind {
  const settings = {
    pollMs: config.tiktokPollMs,
    silenceMs: config.tiktokSilenceMs,
    connectsPerHour: config.tiktokConnectsPerHour,
  }
  let opening: Promise<Connector> | undefined
  return {
    kind: 'tiktok_live',
    async run(source, context, signal) {
      opening ??= openConnector(config)
      // One that could not be loaded is tried again: it may be there by then.
      const connector = await opening.catch((error: unknown) => {
        opening = undefined
        throw error
      })
      await watch({ handle: source.account, connector, context, settings }, signal)
    },
    replay: (_, { raw }) => eventsOfLetter(raw),
  }
}

async function openConnector(config: Config): Promise<Connector> {
  const path = config.tiktokLiveConnector
  if (path === undefined) return openTikTokLiveConnector(config)
  const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href)
  if (typeof module.default !== 'function') {
    throw new Error(`TIKTOK_LIVE_CONNECTOR: ${path} must export a function by default`)
  }
  // Safe as far as anybody can tell: its types are those of `connector.ts`, which whoever wrote it was told.
  return (module.default as OpenConnector)(config)
}
