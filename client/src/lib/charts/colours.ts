/** The colours of a chart, as the style sheet of the element around it has them now. */
export interface ChartColours {
  readonly live: string
  readonly fill: string
  readonly viewers: string
  readonly ghost: string
  readonly band: string
  readonly warn: string
  readonly warnText: string
  readonly gap: string
  readonly line: string
  readonly text: string
  readonly muted: string
}

const sources: Readonly<Record<keyof ChartColours, string>> = {
  live: 'var(--money)',
  fill: 'color-mix(in srgb, var(--money) 15%, transparent)',
  viewers: 'var(--people)',
  ghost: 'var(--ghost)',
  band: 'color-mix(in srgb, var(--ghost) 20%, transparent)',
  warn: 'var(--attention)',
  warnText: 'var(--attention)',
  gap: 'color-mix(in srgb, var(--attention) 26%, transparent)',
  line: 'var(--line)',
  text: 'var(--text)',
  muted: 'var(--dim)',
}

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
