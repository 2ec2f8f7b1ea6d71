/** What a chart draws with, by the tokens of the page. */
const sources = {
  money: 'var(--money)',
  moneyFill: 'color-mix(in srgb, var(--money) 16%, transparent)',
  /** What a minute has so far. */
  moneyPale: 'color-mix(in srgb, var(--money) 34%, transparent)',
  people: 'var(--people)',
  peopleFill: 'color-mix(in srgb, var(--people) 15%, transparent)',
  love: 'var(--love)',
  ghost: 'var(--ghost)',
  band: 'color-mix(in srgb, var(--ghost) 20%, transparent)',
  attention: 'var(--attention)',
  gap: 'color-mix(in srgb, var(--attention) 26%, transparent)',
  line: 'var(--line)',
  text: 'var(--text)',
  muted: 'var(--dim)',
  panel: 'var(--panel)',
} as const satisfies Readonly<Record<string, string>>

/** The colours of a chart, as the style sheet of the element around it has them now. */
export type ChartColours = Readonly<Record<keyof typeof sources, string>>

export const CHART_FONT = "'Inter Variable', system-ui, sans-serif"
export const CHART_FONT_PIXELS = 12

/** Reads them from a probe: a custom property alone gives its text, not the colour that it stands for. */
export function readColours(beside: HTMLElement): ChartColours {
  const probe = document.createElement('span')
  probe.hidden = true
  beside.after(probe)
  const colours = Object.fromEntries(
    Object.entries(sources).map(([name, source]) => {
      probe.style.color = source
      return [name, toRgb(getComputedStyle(probe).color)]
    }),
  )
  probe.remove()
  return colours as unknown as ChartColours
}

/** chart.js does not read `color(srgb …)`, which browsers answer for a mixed colour. */
function toRgb(colour: string): string {
  const mixed = colour.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/)
  if (!mixed) return colour
  const [red, green, blue] = mixed.slice(1, 4).map((part) => Math.round(Number(part) * 255))
  return `rgb(${red} ${green} ${blue} / ${mixed[4] ?? 1})`
}
