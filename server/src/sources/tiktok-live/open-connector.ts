import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Connector, ConnectorConfig, OpenConnector } from './connector.ts'
import { openTikTokLiveConnector } from './tiktok-live-connector.ts'

/** The configured client, else the bundled one; throws if a module has none. */
export async function openConnector(
  config: ConnectorConfig & { readonly tiktokLiveConnector?: string | undefined },
): Promise<Connector> {
  const path = config.tiktokLiveConnector
  if (path === undefined) return openTikTokLiveConnector(config)
  const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href)
  if (typeof module.default !== 'function') {
    throw new Error(`TIKTOK_LIVE_CONNECTOR: ${path} must export a function by default`)
  }
  // Safe as far as anyone can tell: its types are those of `connector.ts`, which its author was told.
  return (module.default as OpenConnector)(config)
}
