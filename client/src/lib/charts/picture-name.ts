const LONGEST = 80

/** A file's name of words in any script: `gmv-per-minute-evening-sale.png`. */
export function pictureName(...words: readonly string[]): string {
  const name = words
    .join(' ')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    // Also a mark without its letter.
    .replace(/^[\p{M}-]+|-+$/gu, '')
  return `${[...name].slice(0, LONGEST).join('').replace(/-+$/, '') || 'chart'}.png`
}
