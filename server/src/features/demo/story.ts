import type { SimulatedProduct } from '@creatorflow/shared/simulator/shop'
import { shopProducts } from '@creatorflow/shared/simulator/shop'
import { streamLive } from '@creatorflow/shared/simulator/simulate-live'
import type { SimulationOptions, Stretch } from '@creatorflow/shared/simulator/stage'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

type Arc = NonNullable<SimulationOptions['arc']>

/** One LIVE of the story. */
export interface Chapter {
  /** Names it for good: its course is drawn from it. */
  readonly plot: string
  readonly title: string
  /** Before the LIVE that runs. */
  readonly daysAgo: number
  /** How much later in the day than the LIVE that runs; negative is earlier. */
  readonly minutesLater: number
  readonly minutes: number
  readonly rate: number
  readonly arc: Arc
  readonly drops: readonly Stretch[]
}

/** A demo's creator, as far as its events need to know. */
export interface DemoCreator {
  readonly id: string
  readonly currency: string
  readonly time_zone: string
}

/** Fills up, holds, thins out. */
const ordinary: Arc = (part) => 0.3 + 0.8 * Math.sin(Math.PI * Math.min(1, 0.1 + part * 0.85))
/** Recommended again and again: more people to the very end. */
const growing: Arc = (part) => 0.45 + 0.95 * part + 0.25 * Math.sin(part * 9)
/** A good start that nobody stays for. */
const fading: Arc = (part) => 0.15 + 0.75 * Math.exp(-4 * part)

const usualDrops = [
  { from: 0.12, to: 0.22, factor: 1.9 },
  { from: 0.48, to: 0.58, factor: 2.4 },
  { from: 0.86, to: 0.97, factor: 1.8 },
]
const bigDrops = [
  { from: 0.1, to: 0.2, factor: 2 },
  { from: 0.4, to: 0.55, factor: 2.8 },
  { from: 0.78, to: 0.95, factor: 2.6 },
]
const noDrops = [{ from: 0, to: 1, factor: 0.7 }]

const shapes = {
  ordinary: { rate: 0.3, arc: ordinary, drops: usualDrops },
  good: { rate: 0.38, arc: growing, drops: bigDrops },
  bad: { rate: 0.3, arc: fading, drops: noDrops },
} as const

const chapter = (
  plot: string,
  title: string,
  shape: keyof typeof shapes,
  daysAgo: number,
  minutesLater: number,
  minutes: number,
): Chapter => ({ plot, title, daysAgo, minutesLater, minutes, ...shapes[shape] })

/**
 * The LIVEs before, newest first. They are stored in this order: the newest is compared with, and the first three make
 * what is usual, so a short one is among them.
 */
export const pastChapters: readonly Chapter[] = [
  chapter('past-1', 'Autumn box, second batch', 'ordinary', 1, -10, 62),
  chapter('past-4', 'Quick one from the kitchen', 'bad', 3, -70, 42),
  chapter('past-3', 'Mugs and morning tea', 'ordinary', 4, -25, 55),
  chapter('past-2', 'Teapot day', 'good', 6, 5, 70),
  chapter('past-5', 'Sunday tea table', 'ordinary', 7, 15, 60),
  chapter('past-6', 'What is in the mystery box?', 'good', 8, 0, 64),
  chapter('past-7', 'Honey tasting', 'ordinary', 10, -15, 58),
  chapter('past-8', 'Late shift', 'bad', 11, 60, 45),
  chapter('past-9', 'Linen and candles', 'ordinary', 12, 10, 60),
  chapter('past-10', 'New mugs', 'ordinary', 13, -30, 57),
]

/** The LIVE that runs: at its 40th minute when somebody opens the demo, and about to sell out its box. */
export const presentChapter: Chapter = {
  ...chapter('present', 'Tea time: new mugs and the last mystery boxes', 'ordinary', 0, 0, 75),
  rate: 0.36,
  drops: [
    { from: 0.09, to: 0.17, factor: 1.8 },
    { from: 0.3, to: 0.38, factor: 2.2 },
    { from: 0.51, to: 0.62, factor: 2.6 },
    { from: 0.86, to: 0.97, factor: 2 },
  ],
}

/** How far the LIVE that runs is when the demo is opened. */
export const BEGAN_BEFORE_MS = 40 * MINUTE_MS

/** In the order in which they are pinned: the box that runs out is the fifth, and so up again from about minute 38. */
function shelf(boxes: number): readonly SimulatedProduct[] {
  const [box, ...some] = [...shopProducts].reverse()
  if (!box) return []
  const others = some.map((product) => ({ ...product, stock: product.stock * PLENTY }))
  return [...others.slice(0, 4), { ...box, stock: boxes, limited: true }, ...others.slice(4)]
}

/** Nothing else runs out: a product that did in an older LIVE, which is stored later, would have all recounted. */
const PLENTY = 6

/** Units of the box in the LIVE that runs: the last ones are sold between minutes 42 and 50. */
const BOXES = 73
const BOXES_OF_THE_PAST = 1_000

/** When a chapter begins, epoch ms. */
export const beginOf = ({ daysAgo, minutesLater }: Chapter, presentStart: number): number =>
  presentStart - daysAgo * DAY_MS + minutesLater * MINUTE_MS

export const endOf = (chapter: Chapter, presentStart: number): number =>
  beginOf(chapter, presentStart) + chapter.minutes * MINUTE_MS

/** The LIVE's id; another one for each time that the demo is opened. */
export const sessionOf = (chapter: Chapter, presentStart: number): string =>
  `demo-${new Date(beginOf(chapter, presentStart)).toISOString()}`

/**
 * The events of a chapter, the same each time but for when they are. Nobody is in two chapters: the older one, which is
 * stored later, would take them over.
 */
export function chapterEvents(
  chapter: Chapter,
  presentStart: number,
  { id, currency, time_zone }: DemoCreator,
) {
  const { plot, title, minutes, rate, arc, drops, daysAgo } = chapter
  const sessionId = sessionOf(chapter, presentStart)
  return streamLive({
    seed: plot,
    plot,
    creatorId: id,
    sessionId,
    startAt: beginOf(chapter, presentStart),
    durationMs: minutes * MINUTE_MS,
    rate,
    arc,
    drops,
    title,
    currency,
    // A page that says what it leaves out would doubt its own demo.
    foreign: false,
    timeZone: time_zone,
    products: shelf(daysAgo === 0 ? BOXES : BOXES_OF_THE_PAST),
    aftermath: false,
    regularsOf: sessionId,
    ...(daysAgo === 0 ? { grain: 6, chatter: 0.6 } : { grain: 16, chatter: 0.3 }),
  }).events
}
