import { downloadPicture } from '#lib/charts/picture.ts'
import { pictureName } from '#lib/charts/picture-name.ts'
import { CHART_FONT, readColours } from '#lib/charts/theme.ts'
import { HEAT_LEVELS, type HeatHue, type HeatRow } from '#lib/ui/heat.ts'
import { m } from '#messages'

export interface HeatPicture {
  /** Its size is that of the picture, and its colours are. */
  readonly map: HTMLElement
  readonly title: string
  readonly subtitle: string
  readonly rows: readonly HeatRow[]
  readonly times: readonly { readonly column: number; readonly words: string }[]
}

const LABEL = 120
const ROW = 26
const AXIS = 22

/** A heat map as a PNG. */
export function saveHeat({ map, title, subtitle, rows, times }: HeatPicture): Promise<void> {
  const colours = readColours(map)
  const hues: Readonly<Record<HeatHue, string>> = {
    money: colours.money,
    people: colours.people,
    love: colours.love,
  }
  const width = Math.max(480, map.clientWidth)
  return downloadPicture({
    name: pictureName(title, subtitle),
    title,
    subtitle,
    legend: [{ words: m.heatmap_brighter_more(), colour: colours.ghost }],
    width,
    height: rows.length * ROW + AXIS,
    colours,
    draw(ctx, { x, y }) {
      ctx.font = `13px ${CHART_FONT}`
      ctx.textBaseline = 'middle'
      const columns = rows[0]?.cells.length ?? 1
      const step = (width - LABEL) / columns
      rows.forEach(({ label, hue, cells }, row) => {
        const top = y + row * ROW
        ctx.fillStyle = colours.muted
        ctx.fillText(label, x, top + ROW / 2, LABEL - 10)
        cells.forEach(({ level }, column) => {
          const left = x + LABEL + column * step
          ctx.fillStyle = colours.line
          ctx.fillRect(left + 1, top + 2, step - 2, ROW - 4)
          ctx.globalAlpha = (level ?? 0) / HEAT_LEVELS
          ctx.fillStyle = hues[hue]
          ctx.fillRect(left + 1, top + 2, step - 2, ROW - 4)
          ctx.globalAlpha = 1
        })
      })
      ctx.fillStyle = colours.muted
      ctx.font = `12px ${CHART_FONT}`
      for (const { column, words } of times) {
        ctx.textAlign = column === columns - 1 ? 'right' : 'left'
        const at = column === columns - 1 ? column + 1 : column
        ctx.fillText(words, x + LABEL + at * step, y + rows.length * ROW + AXIS / 2)
      }
      ctx.textAlign = 'left'
    },
  })
}
