import { barsOf } from '#lib/charts/bars.ts'
import { saveCanvas } from '#lib/charts/picture.ts'
import { pictureName } from '#lib/charts/picture-name.ts'
import { CHART_FONT } from '#lib/charts/theme.ts'
import type { Share } from './share.ts'

const WIDTH = 1_200
const HEIGHT = 630
const MARGIN = 64
const BARS = { top: 410, bottom: 566 } as const

/** It is looked at elsewhere, in a feed: the same colours whatever theme the page has. */
const colours = {
  top: '#141a26',
  bottom: '#080a10',
  text: '#f4f7fc',
  muted: '#9aa4b8',
  money: '#2bebd0',
  better: '#a9efa4',
  worse: '#f2704a',
} as const

/** The side of the logo, and how far the words beside it are away. */
const LOGO = 56
const LOGO_GAP = 18

/** Draws the card of a LIVE and hands it over as a PNG. `logo` is where the creator's image is. */
export async function saveShareCard(
  share: Share,
  perMinute: readonly number[],
  logo: string | null,
): Promise<void> {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const ctx = canvas.getContext('2d')
  if (!ctx) return
  await document.fonts.ready
  drawBackground(ctx)
  drawBars(ctx, perMinute)
  const image = logo === null ? null : await loaded(logo)
  if (image) drawLogo(ctx, image)
  drawWords(ctx, share, image ? MARGIN + LOGO + LOGO_GAP : MARGIN)
  drawFigures(ctx, share)
  await saveCanvas(canvas, pictureName('live', share.whose, share.day))
}

function drawBackground(ctx: CanvasRenderingContext2D): void {
  const ground = ctx.createLinearGradient(0, 0, 0, HEIGHT)
  ground.addColorStop(0, colours.top)
  ground.addColorStop(1, colours.bottom)
  ctx.fillStyle = ground
  ctx.fillRect(0, 0, WIDTH, HEIGHT)
}

function drawBars(ctx: CanvasRenderingContext2D, perMinute: readonly number[]): void {
  const most = Math.max(1, ...perMinute)
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, perMinute.length)
  const bars = barsOf(
    perMinute,
    { left: MARGIN, step, bottom: BARS.bottom },
    (value) => BARS.bottom - (value / most) * (BARS.bottom - BARS.top),
  )
  const light = ctx.createLinearGradient(0, BARS.top, 0, BARS.bottom)
  light.addColorStop(0, colours.money)
  light.addColorStop(1, '#0b5c57')
  ctx.fillStyle = light
  ctx.beginPath()
  for (const bar of bars) {
    if (bar)
      ctx.roundRect(bar.x, bar.y, bar.width, bar.height, [
        Math.min(6, bar.width / 2),
        Math.min(6, bar.width / 2),
        0,
        0,
      ])
  }
  ctx.fill()
}

/** Null if it cannot be shown: the card does without. */
async function loaded(address: string): Promise<HTMLImageElement | null> {
  const image = new Image()
  image.src = address
  return image.decode().then(
    () => image,
    () => null,
  )
}

/** Round, filled whole, as on the pages. */
function drawLogo(ctx: CanvasRenderingContext2D, image: HTMLImageElement): void {
  const { naturalWidth: wide, naturalHeight: high } = image
  const side = Math.min(wide, high)
  ctx.save()
  ctx.beginPath()
  ctx.arc(MARGIN + LOGO / 2, 86, LOGO / 2, 0, 2 * Math.PI)
  ctx.clip()
  ctx.drawImage(
    image,
    (wide - side) / 2,
    (high - side) / 2,
    side,
    side,
    MARGIN,
    86 - LOGO / 2,
    LOGO,
    LOGO,
  )
  ctx.restore()
}

function drawWords(ctx: CanvasRenderingContext2D, share: Share, start: number): void {
  ctx.textBaseline = 'alphabetic'
  text(ctx, share.whose, start, 96, 30, 650, colours.text)
  ctx.textAlign = 'right'
  text(ctx, share.day, WIDTH - MARGIN, 96, 28, 400, colours.muted)
  ctx.textAlign = 'left'
  const end = MARGIN + text(ctx, share.amount, MARGIN, 246, 132, 750, colours.text)
  text(ctx, share.span, end + 28, 246, 44, 500, colours.muted)
  if (share.growth) {
    text(ctx, share.growth, MARGIN, 312, 40, 650, share.isBetter ? colours.better : colours.worse)
  }
  ctx.textAlign = 'right'
  text(ctx, 'CreatorFlow Live', WIDTH - MARGIN, 606, 22, 500, colours.muted)
  ctx.textAlign = 'left'
}

function drawFigures(ctx: CanvasRenderingContext2D, { figures }: Share): void {
  let x = MARGIN
  for (const { name, value } of figures) {
    const wide = text(ctx, value, x, 372, 30, 650, colours.text)
    x += wide + 10
    x += text(ctx, name, x, 372, 26, 400, colours.muted) + 40
  }
}

/** Writes a line, narrower where it would leave the card, and answers how wide it is. */
function text(
  ctx: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  pixels: number,
  weight: number,
  colour: string,
): number {
  ctx.font = `${weight} ${pixels}px ${CHART_FONT}`
  ctx.fillStyle = colour
  const most = Math.max(1, ctx.textAlign === 'right' ? x - MARGIN : WIDTH - MARGIN - x)
  ctx.fillText(words, x, y, most)
  return Math.min(most, ctx.measureText(words).width)
}
