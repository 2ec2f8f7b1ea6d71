import { readHandle } from '@creatorflow/shared/tiktok-handle'
import { z } from 'zod'
import { defineSource } from '../runtime/definition.ts'
import type { SourceKind } from '../runtime/source.ts'
import { type TikTokLiveConfig, variables } from './config.ts'
import type { Connector } from './connector.ts'
import { eventsOfLetter } from './letter.ts'
import { openConnector } from './open-connector.ts'
import { problems } from './problems.ts'
import { watch } from './watch.ts'

const kind = 'tiktok_live'

const notAHandle = {
  short_link: 'is a short link without the handle: open it, then copy the address with the @',
  no_handle: 'must be a TikTok handle, such as @mira, or a link to a profile',
} as const

/** TikTok LIVE by handle. */
export const tiktokLive = defineSource({
  kind,
  name: 'TikTok LIVE',
  summary: 'Viewers, comments, likes, gifts, follows and pinned products, in real time.',
  afterwards: 'The status below updates after the first check.',
  brings: [
    'live_started',
    'live_ended',
    'live_paused',
    'live_resumed',
    'viewer_count',
    'viewer_joined',
    'comment',
    'like',
    'share',
    'follow',
    'subscribe',
    'gift',
    'guest_gift',
    'product_pinned',
    'product_unpinned',
    'source_gap',
  ],
  account: { field: 'handle', noun: 'handle', prefix: '@', isShared: true },
  fields: {
    handle: {
      label: 'Handle',
      hint: 'Your TikTok username, such as @mira, or a link to your profile. No setup on TikTok needed.',
      schema: z
        .string()
        .max(500)
        .transform((entered, context) => {
          const found = readHandle(entered)
          if ('handle' in found) return found.handle
          context.addIssue({ code: 'custom', message: notAHandle[found.problem] })
          return z.NEVER
        }),
    },
  },
  variables,
  problems,
  checkedEveryMs: ({ tiktokPollMs }) => tiktokPollMs,
  create: ({ config }) => createTikTokLive(config),
})

function createTikTokLive(config: TikTokLiveConfig): SourceKind {
  const settings = {
    pollMs: config.tiktokPollMs,
    silenceMs: config.tiktokSilenceMs,
    connectsPerHour: config.tiktokConnectsPerHour,
  }
  let opening: Promise<Connector> | undefined
  return {
    kind,
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
