/** At most so many characters (UTF-16 units), ending in … when something was cut; no character is cut in half. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text
  let end = Math.max(most - 1, 0)
  if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end -= 1
  return `${text.slice(0, end)}…`.slice(0, most)
}
