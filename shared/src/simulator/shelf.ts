import type { SimulatedProduct } from './shop.ts'
import type { Stage } from './stage.ts'

/** What is left of every product. A product without SKUs counts as one. */
export interface Shelf {
  /** Any product, the appealing ones more often. */
  choose(): SimulatedProduct
  /** Takes units of a SKU, or of a product without; the shelf is filled up before it runs empty. */
  take(product: SimulatedProduct, sku: string | undefined, quantity: number): void
  /** Units that can still be ordered; no end of what is filled up. */
  available(product: SimulatedProduct, sku: string | undefined): number
  isSoldOut(product: SimulatedProduct): boolean
}

const skusOf = ({ skus }: SimulatedProduct): readonly (string | undefined)[] =>
  skus.length > 0 ? skus : [undefined]

export function stockShelf(stage: Stage): Shelf {
  const { random, ledger, products } = stage
  const left = new Map<string, number>()
  const reporting = new Set<string>()
  const totalAppeal = products.reduce((sum, { appeal }) => sum + appeal, 0)

  function report(product: SimulatedProduct, sku: string | undefined): void {
    const key = sku ?? product.id
    const quantity = left.get(key) ?? 0
    reporting.delete(key)
    ledger.stock(product.id, key, quantity)
    stage.emit('stock_level', {
      product_id: product.id,
      ...(sku !== undefined && { sku_id: sku }),
      quantity,
      properties: { product_name: product.name },
    })
  }

  for (const product of products) {
    for (const sku of skusOf(product)) {
      left.set(sku ?? product.id, product.stock)
      stage.after(random.between(100, 2_000), () => report(product, sku))
    }
  }

  const available = (product: SimulatedProduct, sku: string | undefined) =>
    product.limited ? (left.get(sku ?? product.id) ?? 0) : Number.POSITIVE_INFINITY

  return {
    available,
    isSoldOut: (product) => skusOf(product).every((sku) => available(product, sku) === 0),
    choose() {
      let rest = random.next() * totalAppeal
      const found = products.find((product) => {
        rest -= product.appeal
        return rest < 0
      })
      return found ?? (products[0] as SimulatedProduct)
    },
    take(product, sku, quantity) {
      const key = sku ?? product.id
      const before = left.get(key) ?? 0
      const filled = before < quantity && !product.limited ? before + product.stock : before
      left.set(key, filled - quantity)
      // One report at a time and SKU, so that no two of them share a time.
      if (reporting.has(key)) return
      reporting.add(key)
      stage.after(random.between(2_500, 8_000), () => report(product, sku))
    },
  }
}
