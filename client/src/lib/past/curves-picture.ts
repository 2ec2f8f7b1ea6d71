import { downloadPicture } from '#lib/charts/picture.ts'
import { pictureName } from '#lib/charts/picture-name.ts'
import { minuteTicks } from '#lib/charts/series.ts'
import { CHART_FONT, readColours } from '#lib/charts/theme.ts'
import { m } from '#messages'
import { type Curve, frameOf, pathOf } from './curves.ts'

export interface CurvesPicture {
  /** Where the colours are read. */
  readonly beside: HTMLElement
  readonly title: string
  readonly subtitle: string
  readonly curves: readonly Curve[]
  readonly width: number
  readonly height: number
  readonly formatShort: (value: number) => string
}

const AXIS = { left: 56, bottom: 24 } as const

/** The curves as they are drawn now, as a PNG. */
export function saveCurves(picture: CurvesPicture): Promise<void> {
  const { beside, title, subtitle, curves, width, height, formatShort } = picture
  const colours = readColours(beside)
  const frame = frameOf(curves)
  return downloadPicture({
    name: pictureName(title, subtitle),
    title,
    subtitle,
    legend: curves.map(({ name, role }) => ({
      words: name,
      colour: role === 'this' ? colours.money : colours.ghost,
    })),
    width: width + AXIS.left,
    height: height + AXIS.bottom,
    colours,
    draw(ctx, box) {
      const left = box.x + AXIS.left
      const toBox = new DOMMatrix([width / 1_000, 0, 0, height / 100, left, box.y])
      ctx.font = `12px ${CHART_FONT}`
      ctx.fillStyle = colours.muted
      for (const level of [1, 0.5, 0]) {
        const y = box.y + height * (1 - level)
        ctx.strokeStyle = colours.line
        ctx.lineWidth = 1
        ctx.strokeRect(left, y, width, 0)
        ctx.textAlign = 'right'
        ctx.textBaseline = 'middle'
        ctx.fillText(formatShort(frame.top * level), left - 8, y)
      }
      ctx.textAlign = 'center'
      ctx.textBaseline = 'top'
      for (const tick of minuteTicks({ first: 0, last: frame.minutes }, 8)) {
        ctx.fillText(
          m.past_tick_min({ tick }),
          left + (tick / frame.minutes) * width,
          box.y + height + 6,
        )
      }
      for (const curve of [...curves].reverse()) {
        const isThis = curve.role === 'this'
        const path = new Path2D()
        path.addPath(new Path2D(pathOf(curve, frame)), toBox)
        ctx.strokeStyle = isThis ? colours.money : colours.ghost
        ctx.lineWidth = isThis ? 2 : 1.5
        ctx.setLineDash(isThis ? [] : [5, 4])
        ctx.stroke(path)
      }
    },
  })
}
