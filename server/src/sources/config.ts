import { type ShopifyConfig, variables as shopify } from './shopify/config.ts'
import { type TikTokLiveConfig, variables as tiktokLive } from './tiktok-live/config.ts'
import { type TikTokShopConfig, variables as tiktokShop } from './tiktok-shop/config.ts'

/** What each kind of source can be told. */
export const sourceVariables = { ...tiktokLive, ...tiktokShop, ...shopify }

export type SourceConfig = TikTokLiveConfig & TikTokShopConfig & ShopifyConfig
