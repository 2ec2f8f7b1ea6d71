/** Red, green and blue from 0 to 1, linear light. */
export type Light = readonly [number, number, number]

export const themes = ['light', 'dark'] as const
export type ThemeName = (typeof themes)[number]

/** Values of `--name: light-dark(#…, #…)` and `--name: #…` in a sheet, by theme. */
export function coloursOf(sheet: string): Readonly<Record<ThemeName, Record<string, string>>> {
  const hex = '(#[0-9a-f]{6})'
  const found = sheet.matchAll(
    new RegExp(`--([a-z-]+): (?:light-dark\\(${hex}, ${hex}\\)|${hex});`, 'g'),
  )
  const colours = { light: {}, dark: {} } as Record<ThemeName, Record<string, string>>
  for (const [, name = '', light, dark, both = ''] of found) {
    colours.light[name] = light ?? both
    colours.dark[name] = dark ?? both
  }
  return colours
}

function lightOf(colour: string): Light {
  return [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as unknown as Light
}

/** The contrast of two colors by WCAG 2.2, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [one, other]
    .map(lightOf)
    .map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue)
    .sort((a, b) => a - b)
  return (bright + 0.05) / (dark + 0.05)
}

type Matrix = readonly [...Light, ...Light, ...Light]

/**
 * Color vision without one kind of cones: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
 * Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), matrices of severity 1.
 */
export const eyes = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deutan: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritan: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
} as const satisfies Record<string, Matrix>
export type Eyes = keyof typeof eyes

/** A color as these eyes see it. */
export function seenBy(who: Eyes, colour: string): Light {
  const given = lightOf(colour)
  const m: readonly number[] = eyes[who]
  return [0, 3, 6].map((row) => {
    const sum = given.reduce((all, channel, at) => all + channel * (m[row + at] ?? 0), 0)
    return Math.min(1, Math.max(0, sum))
  }) as unknown as Light
}

/** Distance of two colors in OKLab for these eyes; 0.02 is barely visible side by side. */
export function apart(who: Eyes, one: string, other: string): number {
  const [a, b] = [oklab(seenBy(who, one)), oklab(seenBy(who, other))]
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)))
}

/** Björn Ottosson's OKLab (2020): its distances match perception. */
function oklab([red, green, blue]: Light): Light {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ]
}
