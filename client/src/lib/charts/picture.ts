import { CHART_FONT, type ChartColours } from './theme.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A chart as a picture that can be sent to somebody. */
export interface Picture {
  readonly name: string
  readonly title: string
  /** Whose it is and when; hidden names are hidden here too. */
  readonly subtitle: string
  readonly legend: readonly { readonly words: string; readonly colour: string }[]
  /** CSS pixels of the plot. */
  readonly width: number
  readonly height: number
  readonly colours: ChartColours
  readonly draw: (ctx: CanvasRenderingContext2D, plot: Box) => void
}

const MARGIN = 28
const HEAD = 62
const FOOT = 40
/** For screens with twice the pixels. */
const SCALE = 2

/** Draws it and hands the file to the browser. */
export async function downloadPicture(picture: Picture): Promise<void> {
  const { width, height, colours } = picture
  const canvas = document.createElement('canvas')
  canvas.width = (width + 2 * MARGIN) * SCALE
  canvas.height = (height + HEAD + FOOT + 2 * MARGIN) * SCALE
  const ctx = canvas.getContext('2d')
  if (!ctx) return
  ctx.scale(SCALE, SCALE)
  ctx.fillStyle = colours.panel
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  ctx.textBaseline = 'top'
  ctx.fillStyle = colours.text
  ctx.font = `650 22px ${CHART_FONT}`
  ctx.fillText(picture.title, MARGIN, MARGIN, width)
  ctx.fillStyle = colours.muted
  ctx.font = `14px ${CHART_FONT}`
  ctx.fillText(picture.subtitle, MARGIN, MARGIN + 30, width)
  ctx.save()
  picture.draw(ctx, { x: MARGIN, y: MARGIN + HEAD, width, height })
  ctx.restore()
  drawLegend(ctx, picture, MARGIN + HEAD + height + 22)
  await saveCanvas(canvas, picture.name)
}

function drawLegend(ctx: CanvasRenderingContext2D, { legend, colours, width }: Picture, y: number) {
  ctx.font = `13px ${CHART_FONT}`
  ctx.textBaseline = 'middle'
  let x = MARGIN
  for (const { words, colour } of legend) {
    ctx.fillStyle = colour
    ctx.fillRect(x, y - 5, 14, 10)
    ctx.fillStyle = colours.muted
    ctx.fillText(words, x + 20, y)
    x += ctx.measureText(words).width + 40
  }
  ctx.textAlign = 'right'
  ctx.fillText('CreatorFlow Live', MARGIN + width, y)
}

/** Gives a canvas to whoever looks at the page, as a PNG file. */
export async function saveCanvas(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((made) => canvas.toBlob(made, 'image/png'))
  if (!blob) return
  const link = document.createElement('a')
  link.download = name
  link.href = URL.createObjectURL(blob)
  link.click()
  // The browser has taken it by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href))
}
