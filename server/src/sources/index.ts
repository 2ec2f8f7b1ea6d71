import type { ConfigOf } from '../core/config/variable.ts'
import { shopify } from './shopify/index.ts'
import { tiktokLive } from './tiktok-live/index.ts'
import { tiktokShop } from './tiktok-shop/index.ts'

/** Every kind of source, in the order of offering: the only place that lists them. */
export const sourceDefinitions = [tiktokLive, tiktokShop, shopify] as const

type Intersection<U> = (U extends unknown ? (of: U) => void : never) extends (of: infer I) => void
  ? I
  : never
type ConfigsOf<D> = D extends { readonly variables: infer V } ? ConfigOf<V> : never

/** The configuration of all kinds together. */
export type SourceConfig = Intersection<ConfigsOf<(typeof sourceDefinitions)[number]>>
