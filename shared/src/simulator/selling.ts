import type { Audience, Person } from './audience.ts'
import { type Interest, interestIn, pinOf, putUp, takeDown } from './pins.ts'
import type { Shelf } from './shelf.ts'
import { inventedUser, type SimulatedProduct } from './shop.ts'
import { factorAt, type Stage } from './stage.ts'
import type { Till } from './till.ts'

/** Clicks a second and person present: on the shelf as a whole, and on the product that is pinned. One view in three. */
const CLICKS_ON_SHELF = 0.0006
const CLICKS_ON_PIN = 0.0018
const IMPRESSIONS_PER_PERSON_SECOND = 0.04

/** The host shows one product after another; people see, click and buy. */
export function startSelling(stage: Stage, audience: Audience, shelf: Shelf, till: Till): void {
  const { random } = stage
  if (stage.products.length === 0) return
  const { startAt, durationMs, drops = [], grain = 1 } = stage.options
  let turn = 0

  function second(): void {
    const lengthMs = Math.min(1_000, stage.endsAt - stage.now)
    if (lengthMs <= 0) return
    const personSeconds = (audience.present.length * lengthMs) / 1_000
    const spread = (mean: number, act: () => void) => {
      for (let left = random.poisson(mean); left > 0; left--) {
        stage.after(random.next() * (lengthMs - 1), act)
      }
    }
    const interested = (choose: () => SimulatedProduct | undefined) => () => {
      const person = audience.someone()
      const product = choose()
      if (person && product && stage.onAir) click(person, product)
    }
    const interest = factorAt(drops, (stage.now - startAt) / durationMs)
    spread(personSeconds * interest * CLICKS_ON_SHELF, interested(shelf.choose))
    if (stage.pin && stage.pausedAt === null) {
      spread(
        personSeconds * interest * CLICKS_ON_PIN,
        interested(() => stage.pin?.product),
      )
    }
    // Displays are reported in sums: one event stands for about three.
    spread((personSeconds * IMPRESSIONS_PER_PERSON_SECOND) / 3 / grain, display)
    stage.after(lengthMs, second)
  }

  function display(): void {
    if (!stage.onAir) return
    const product = stage.pin && random.chance(0.6) ? stage.pin.product : shelf.choose()
    const quantity = random.between(1, 5) * grain
    report(stage, 'product_impression', interestIn(stage, product), undefined, quantity)
  }

  function click(person: Person, product: SimulatedProduct): void {
    const interest = interestIn(stage, product)
    report(stage, 'product_click', interest, person)
    if (random.chance(0.5)) {
      later(800, 3_000, () => report(stage, 'product_page_visit', interest, person))
    }
    if (!random.chance(0.4)) return
    later(3_000, 30_000, () => {
      report(stage, 'add_to_cart', interest, person)
      if (!random.chance(0.66)) return
      later(4_000, 45_000, () => {
        report(stage, 'checkout_initiated', interest, person)
        if (random.chance(0.88)) later(4_000, 30_000, () => till.order(person, interest))
      })
    })
  }

  function later(lowMs: number, highMs: number, step: () => void): void {
    stage.after(random.between(lowMs, highMs), step)
  }

  /** Shows the next product, mostly until the one after it, sometimes with a break between. */
  function show(): void {
    const shownMs = Math.min(Math.max(stage.options.durationMs / 10, 4_000), 180_000)
    if (stage.now + shownMs / 2 >= stage.endsAt - 1_000) return
    if (stage.pausedAt !== null) {
      stage.after(5_000, show)
      return
    }
    let product = stage.products[turn++ % stage.products.length] as SimulatedProduct
    if (shelf.isSoldOut(product)) {
      product = stage.products[turn++ % stage.products.length] as SimulatedProduct
    }
    const pin = putUp(stage, product)
    const untilMs = shownMs * (0.7 + random.next() * 0.6)
    stage.after(untilMs, () => {
      if (!stage.onAir) return
      if (random.chance(0.5)) {
        show()
      } else {
        takeDown(stage, pin)
        stage.after(random.between(3_000, 20_000), show)
      }
    })
  }

  second()
  stage.after(Math.min(20_000, stage.options.durationMs / 20), show)
}

const metricOfStep = {
  product_impression: 'product_impressions',
  product_click: 'product_clicks',
  product_page_visit: 'product_page_visits',
  add_to_cart: 'add_to_carts',
  checkout_initiated: 'checkouts',
} as const

/** One step towards an order; the pin that began it stays, else the pin of now counts. */
function report(
  stage: Stage,
  type: keyof typeof metricOfStep,
  { product, pin = pinOf(stage, product) }: Interest,
  person: Person | undefined,
  quantity = 1,
): void {
  stage.ledger.add(metricOfStep[type], quantity, stage.now, { product: product.id, pin })
  stage.emit(type, {
    product_id: product.id,
    ...(pin !== undefined && { pin_id: pin }),
    ...(person && { user_id: person.id }),
    // Whoever is about to pay has a name, so that a buyer has one.
    ...(person && type === 'checkout_initiated' && { user: inventedUser(person.number) }),
    ...(quantity !== 1 && { quantity }),
    properties: { product_name: product.name },
  })
}
