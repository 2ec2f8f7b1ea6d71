import type { Receiver } from '../runtime/pushed.ts'
import { isSigned } from './signature.ts'

/** How a Shopify delivery is authenticated and identified. */
export const shopifyReceiver: Receiver = {
  verify: ({ headers, body }, { client_secret }) =>
    isSigned(body, oneOf(headers['x-shopify-hmac-sha256']), client_secret),
  identify({ headers }, { account }) {
    const id = oneOf(headers['x-shopify-webhook-id'])
    const topic = oneOf(headers['x-shopify-topic'])?.toLowerCase() || 'no topic'
    const shop = oneOf(headers['x-shopify-shop-domain'])?.toLowerCase() ?? 'no shop'
    return { ...(id && { id }), topic: topicOf(topic, shop === account ? undefined : shop) }
  },
}

const oneOf = (header: string | string[] | undefined) =>
  typeof header === 'string' ? header : undefined

const FOREIGN = ' of '

/** One app signs for every shop it is installed in, so the body's shop is kept with the topic if it is another. */
function topicOf(topic: string, foreignShop: string | undefined): string {
  return foreignShop === undefined ? topic : `${topic}${FOREIGN}${foreignShop}`
}

/** The parts of a topic made by `identify`. */
export function partsOf(topic: string): { readonly name: string; readonly foreignShop?: string } {
  const [name = '', foreignShop] = topic.split(FOREIGN)
  return { name, ...(foreignShop !== undefined && { foreignShop }) }
}
