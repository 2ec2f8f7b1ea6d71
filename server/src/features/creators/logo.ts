import { createHash } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import * as wire from '@creatorflow/shared/features/creators'
import { type ConfigOf, variable, whole } from '../../core/config/variable.ts'
import { AppError } from '../../core/errors.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { findCreator } from '../../identity/creators/creators.ts'
import { imageOf } from './logo-image.ts'

export const logoVariables = {
  // An image travels as text in a JSON body of at most 100,000 bytes.
  MAX_LOGO_BYTES: variable(whole(1, 70_000), '60000', 'bytes', 'Maximum size of a creator’s logo.'),
  MAX_LOGO_PIXELS: variable(
    whole(16, 4_096),
    '1024',
    'pixels',
    'Maximum width and height of a creator’s logo.',
  ),
}

/** Nothing in an image may run, whatever else it is. */
const IMAGE_POLICY = "default-src 'none'; sandbox"

/** Mounts the logo of a creator: a small image, checked by its content, and served as nothing but an image. */
export function mountLogo(
  { router, answer }: Routes,
  {
    database,
    config,
  }: { readonly database: Database; readonly config: ConfigOf<typeof logoVariables> },
): void {
  answer(router, wire.setLogo, async ({ tenant, body, actor }) => {
    const { creatorId } = tenant
    const bytes = Buffer.from(body.image, 'base64')
    const media = checked(bytes)
    const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    await database.transaction(async (tx) => {
      if (!(await findCreator(tx, tenant))) throw unknown(creatorId)
      await tx.query(sql`
        insert into creator_logos (creator_id, media, bytes, version)
        values (${creatorId}, ${media}, ${bytes}, ${version})
        on conflict (creator_id) do update set media = excluded.media, bytes = excluded.bytes,
          version = excluded.version, changed_at = clock_timestamp()`)
      await recordChange(tx, actor, { action: 'creator.logo_set', creatorId, details: { version } })
    })
    return { logo: version }
  })

  answer(router, wire.removeLogo, async ({ tenant, actor }) => {
    const { creatorId } = tenant
    await database.transaction(async (tx) => {
      const gone = await tx.query(
        sql`delete from creator_logos where creator_id = ${creatorId} returning 1`,
      )
      if (gone.length > 0)
        await recordChange(tx, actor, { action: 'creator.logo_removed', creatorId })
    })
    return undefined
  })

  answer(router, wire.getLogo, async ({ tenant, query, response }) => {
    const [logo] = await database.query<{ media: string; bytes: Uint8Array; version: string }>(
      sql`select media, bytes, version from creator_logos where creator_id = ${tenant.creatorId}`,
    )
    if (!logo) throw new AppError('not_found', 'This creator has no logo.')
    const forever = query.v === logo.version ? 'private, max-age=31536000, immutable' : 'no-store'
    response
      .set('Content-Security-Policy', IMAGE_POLICY)
      .set('X-Content-Type-Options', 'nosniff')
      .set('Cache-Control', forever)
      .set(
        'Content-Disposition',
        `inline; filename="${tenant.creatorId}-logo.${logo.media.slice(6)}"`,
      )
      .type(logo.media)
      .send(Buffer.from(logo.bytes))
    return undefined
  })

  /** The media type; throws for what is not a small image. */
  function checked(bytes: Buffer): string {
    const { maxLogoBytes, maxLogoPixels } = config
    const wrong = (message: string) =>
      new AppError('invalid_input', `The logo ${message}.`, {
        details: { fields: [{ path: 'image', message }] },
      })
    if (bytes.length > maxLogoBytes) throw wrong(`must be at most ${maxLogoBytes} bytes`)
    const image = imageOf(bytes)
    if (!image) throw wrong('must be a PNG, JPEG or WebP image')
    const { width, height } = image
    if (Math.min(width, height) < 1 || Math.max(width, height) > maxLogoPixels) {
      throw wrong(`must be at most ${maxLogoPixels} pixels wide and high`)
    }
    return image.media
  }
}

const unknown = (creatorId: string) =>
  new AppError('not_found', `Creator "${creatorId}" not found.`)
