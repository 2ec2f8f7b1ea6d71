import type { SourceKindDeps } from '../runtime/kind-deps.ts'
import type { SourceKind } from '../runtime/source.ts'
import type { TikTokLiveConfig } from './config.ts'
import type { Connector } from './connector.ts'
import { eventsOfLetter } from './letter.ts'
import { openConnector } from './open-connector.ts'
import { watch } from './watch.ts'

/** TikTok LIVE by handle. */
export function createTikTokLive({ config }: SourceKindDeps<TikTokLiveConfig>): SourceKind {
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
