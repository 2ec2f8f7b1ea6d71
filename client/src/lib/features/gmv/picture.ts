import { downloadPicture } from '#lib/charts/picture.ts'
import { pictureName } from '#lib/charts/picture-name.ts'
import { CHART_FONT, type ChartColours } from '#lib/charts/theme.ts'
import { initialsOf, tintOf } from '#lib/ui/monogram.ts'
import { m } from '#messages'
import type { Measure } from './ghost.ts'

export interface GmvPicture {
  readonly canvas: HTMLCanvasElement
  readonly measure: Measure
  readonly colours: ChartColours
  readonly title: string
  readonly subtitle: string
  /** What the lane above the plot shows, pixels from its left edge. */
  readonly flags: readonly {
    readonly x: number
    readonly room: number
    readonly id: string
    /** Whose letters stand on it. */
    readonly name: string
    readonly words: string
  }[]
}

const TILE = 18
const LANE_TOP = 6

/** The chart as it is drawn now, with its marks, as a PNG. */
export function saveGmvPicture(picture: GmvPicture): Promise<void> {
  const { canvas, measure, colours, title, subtitle, flags } = picture
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  return downloadPicture({
    name: pictureName(title, subtitle),
    title,
    subtitle,
    legend: [
      { words: m.gmv_gmv(), colour: colours.money },
      ...(measure === 'minute' ? [{ words: m.gmv_viewers(), colour: colours.people }] : []),
      { words: m.gmv_last_live(), colour: colours.ghost },
      { words: m.gmv_usual(), colour: colours.band },
    ],
    width,
    height,
    colours,
    draw(ctx, plot) {
      ctx.drawImage(canvas, plot.x, plot.y, width, height)
      ctx.textBaseline = 'middle'
      for (const flag of flags) drawFlag(ctx, flag, plot.x, plot.y + LANE_TOP, colours)
    },
  })
}

function drawFlag(
  ctx: CanvasRenderingContext2D,
  { x, room, id, name, words }: GmvPicture['flags'][number],
  left: number,
  top: number,
  colours: ChartColours,
): void {
  const at = left + x
  ctx.fillStyle = `hsl(${tintOf(id)} 45% 60%)`
  ctx.beginPath()
  ctx.roundRect(at, top, TILE, TILE, 4)
  ctx.fill()
  ctx.fillStyle = '#10131a'
  ctx.font = `650 11px ${CHART_FONT}`
  ctx.textAlign = 'center'
  ctx.fillText([...initialsOf(name)][0] ?? '', at + TILE / 2, top + TILE / 2 + 0.5)
  const rest = room - TILE - 10
  if (rest < 40) return
  ctx.save()
  ctx.beginPath()
  ctx.rect(at + TILE + 4, top, rest, TILE)
  ctx.clip()
  ctx.fillStyle = colours.muted
  ctx.font = `12px ${CHART_FONT}`
  ctx.textAlign = 'left'
  ctx.fillText(words, at + TILE + 5, top + TILE / 2 + 0.5)
  ctx.restore()
}
