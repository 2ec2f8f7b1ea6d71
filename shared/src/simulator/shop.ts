/** A product of the simulated shop. Money is minor units of the creator's currency. */
export interface SimulatedProduct {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly cost: number
  /** Empty for a product that is sold and counted without SKUs. */
  readonly skus: readonly string[]
  /** Units at the start, of each SKU or of the product. */
  readonly stock: number
  /** How often it is chosen while nothing is pinned, relative to the others. */
  readonly appeal: number
  /** No more units come in while the LIVE runs: it can sell out. */
  readonly limited?: true
}

/** The shelf of an invented shop for tea and tableware. */
export const shopProducts: readonly SimulatedProduct[] = [
  product('mug', 'Speckled stoneware mug', 1890, 640, ['sand', 'moss', 'ink'], 140, 9),
  product('teapot', 'Two-cup teapot', 4490, 1720, ['sand', 'ink'], 60, 5),
  product('tea-sampler', 'Tea sampler, 12 bags', 1290, 380, ['green', 'black', 'herbal'], 220, 8),
  product('linen-towel', 'Linen kitchen towel', 1490, 510, ['striped', 'plain'], 160, 5),
  product('honey', 'Wildflower honey, 250 g', 990, 350, ['250g'], 180, 6),
  product('candle', 'Beeswax candle', 1690, 520, ['small', 'large'], 120, 4),
  product('tray', 'Oak serving tray', 3990, 1580, ['short', 'long'], 40, 2),
  product('mystery-box', 'Mystery box', 2990, 1250, [], 90, 3),
]

function product(
  id: string,
  name: string,
  price: number,
  cost: number,
  skus: readonly string[],
  stock: number,
  appeal: number,
): SimulatedProduct {
  return { id, name, price, cost, skus: skus.map((sku) => `${id}-${sku}`), stock, appeal }
}

/** Gifts of an invented platform; a streak sends its running total again and again. */
export interface SimulatedGift {
  readonly id: string
  readonly name: string
  readonly diamonds: number
  readonly streaks: boolean
  readonly appeal: number
}

export const simulatedGifts: readonly SimulatedGift[] = [
  { id: 'gift-petal', name: 'Petal', diamonds: 1, streaks: true, appeal: 60 },
  { id: 'gift-spoon', name: 'Silver spoon', diamonds: 5, streaks: true, appeal: 22 },
  { id: 'gift-lantern', name: 'Lantern', diamonds: 30, streaks: true, appeal: 8 },
  { id: 'gift-comet', name: 'Comet', diamonds: 199, streaks: false, appeal: 4 },
  { id: 'gift-carousel', name: 'Carousel', diamonds: 1000, streaks: false, appeal: 1 },
]

export const commentTexts: readonly string[] = [
  'hello from the kitchen',
  'the ink one is lovely',
  'is the teapot dishwasher safe?',
  'just ordered two',
  'how big is the large candle?',
  'greetings to everyone',
  'which tea is your favourite?',
  'my mug arrived yesterday, love it',
  'can you show the tray again?',
  'does the honey come in a jar?',
  'first time here',
  'that colour!',
  'what is in the mystery box?',
  'is there a set?',
  'do you ship abroad?',
  'sounds good',
  'yes please',
  'how long does delivery take?',
  'the towel looks soft',
  'wow',
]

const firstNames =
  'Ava Noor Mateo Linh Priya Jonas Amara Yuki Elena Omar Freya Diego Mei Tariq Sofia Kofi Hana Luca Zoe Arjun Ines Tomas Leila Bao Nadia Felix Imani Ravi Clara Sami Rosa Jun Maya Anton Thandi Iris Pavel Lucia Emre Nina'.split(
    ' ',
  )
const lastNames =
  'Okafor Tran Silva Berg Haddad Park Novak Costa Nakamura Moreau Reyes Lund Patel Kaya Rossi Mensah Walsh Ivanova Castro Lim Adler Farah Vega Holm Sato Diaz Khan Petrov Wong Osei Marin Dahl Mori Cruz Aziz Brandt Fox'.split(
    ' ',
  )

/** An invented handle and name for the person with this number; 1,480 in a row are all different. */
export function inventedUser(number: number): { handle: string; name: string } {
  const first = firstNames[number % firstNames.length] as string
  const last = lastNames[number % lastNames.length] as string
  const [f, l] = [first.toLowerCase(), last.toLowerCase()]
  const handles = [`${f}.${l}`, `${f}_${l[0]}`, `its.${f}${number % 97}`, `${l}${f}`]
  const round = Math.floor(number / (firstNames.length * lastNames.length))
  const handle = `${handles[number % handles.length]}${round > 0 ? round : ''}`
  return { handle, name: `${first} ${last}` }
}
