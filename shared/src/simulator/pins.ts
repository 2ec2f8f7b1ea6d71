import type { SimulatedProduct } from './shop.ts'
import type { Pin, Stage } from './stage.ts'

/** A product somebody looks at, with the pin that brought them. */
export interface Interest {
  readonly product: SimulatedProduct
  readonly pin: string | undefined
}

/** What someone who looks at the product now is counted for. */
export function interestIn(stage: Stage, product: SimulatedProduct): Interest {
  return { product, pin: pinOf(stage, product) }
}

/** The pin of a currently pinned product. */
export function pinOf({ pin }: Stage, product: SimulatedProduct): string | undefined {
  return pin?.product === product ? pin.id : undefined
}

/** Pins a product, replacing the previous pin. */
export function putUp(stage: Stage, product: SimulatedProduct): Pin {
  const { id, ts } = stage.emitMark('product_pinned', {
    product_id: product.id,
    properties: { product_name: product.name },
  })
  stage.ledger.add('pins', 1, ts)
  stage.pin = { id, product }
  return stage.pin
}

/** Unpins this pin, unless another one has replaced it. */
export function takeDown(stage: Stage, pin: Pin): void {
  if (stage.pin !== pin) return
  stage.emitMark('product_unpinned', { product_id: pin.product.id })
  stage.pin = null
}
