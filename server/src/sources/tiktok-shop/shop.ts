import { z } from 'zod'
import type { ShopApi } from './api.ts'
import { id, optionalSeconds } from './fields.ts'
import { readWindow, type Window } from './read-window.ts'

const page = z.looseObject({
  next_page_token: z.string().nullish(),
  total_count: z.coerce.number().nullish(),
})
/** One by one, so an unreadable one is one dead letter and not a page that never arrives. */
const items = z.array(z.looseObject({})).nullish()

/** The three things that change: each is searched by its last change. */
export const searches = {
  orders: {
    path: '/order/202309/orders/search',
    list: 'orders',
    key: 'id',
    pageSize: 100,
  },
  returns: {
    path: '/return_refund/202309/returns/search',
    list: 'return_orders',
    key: 'return_id',
    pageSize: 50,
  },
  cancellations: {
    path: '/return_refund/202309/cancellations/search',
    list: 'cancellations',
    key: 'cancel_id',
    pageSize: 50,
  },
} as const satisfies Readonly<
  Record<string, { path: string; list: string; key: string; pageSize: number }>
>
export type SearchName = keyof typeof searches

export interface Found {
  readonly id: string
  /** Epoch ms. */
  readonly updatedAt: number | undefined
  readonly raw: unknown
}

/** The version whose lines name the LIVE they were bought in. */
const DETAIL_PATH = '/order/202507/orders'
export const ORDERS_AT_ONCE = 50

const details = z.looseObject({ orders: z.array(z.unknown()).nullish() })
const shops = z.looseObject({
  shops: z
    .array(
      z.looseObject({
        id,
        cipher: z.string().min(1),
        name: z.string().nullish(),
        region: z.string().nullish(),
      }),
    )
    .nullish(),
})

/** Our API calls about one shop. */
export interface Shop {
  /** What changed from `fromMs` until before `toMs`, by TikTok Shop's clock. */
  changed(name: SearchName, fromMs: number, toMs: number): Promise<Window<Found>>
  /** The returns or cancellations of these orders. */
  ofOrders(
    name: Exclude<SearchName, 'orders'>,
    orderIds: readonly string[],
  ): Promise<readonly Found[]>
  /** Details of at most ORDERS_AT_ONCE orders; unknown ones are missing. */
  details(ids: readonly string[]): Promise<readonly unknown[]>
}

export function createShop(api: ShopApi, cipher: string): Shop {
  async function search(name: SearchName, body: object): Promise<Window<Found>> {
    const { path, list, key, pageSize } = searches[name]
    return readWindow(
      async (token) => {
        const answer = await api.ask(
          {
            method: 'POST',
            path,
            query: {
              shop_cipher: cipher,
              page_size: String(pageSize),
              sort_field: 'update_time',
              sort_order: 'ASC',
              ...(token !== '' && { page_token: token }),
            },
            body,
          },
          page,
        )
        return {
          items: (items.safeParse(answer[list]).data ?? []).map((raw) => ({
            id: id.safeParse(raw[key]).data ?? `without id: ${JSON.stringify(raw).slice(0, 200)}`,
            updatedAt: optionalSeconds.safeParse(raw.update_time).data,
            raw,
          })),
          next: answer.next_page_token ?? '',
          total: answer.total_count ?? 0,
        }
      },
      (item) => item.id,
    )
  }

  return {
    changed: (name, fromMs, toMs) =>
      search(name, {
        update_time_ge: Math.floor(fromMs / 1_000),
        update_time_lt: Math.ceil(toMs / 1_000),
      }),
    async ofOrders(name, orderIds) {
      const { items } = await search(name, { order_ids: orderIds })
      return items
    },
    async details(ids) {
      const query = { shop_cipher: cipher, ids: ids.join(',') }
      const { orders } = await api.ask({ method: 'GET', path: DETAIL_PATH, query }, details)
      return orders ?? []
    },
  }
}

/** The API's name for a shop instead of its id; undefined if the app has no permission for it. */
export async function cipherOf(api: ShopApi, shopId: string): Promise<string | undefined> {
  const found = await authorizedShops(api)
  return found.find((shop) => shop.id === shopId)?.cipher
}

/** The shops that the seller authorized. */
export async function authorizedShops(api: ShopApi) {
  const answer = await api.ask({ method: 'GET', path: '/authorization/202309/shops' }, shops)
  return answer.shops ?? []
}
