/**
 * A text that a spreadsheet does not run: one that begins like a formula, on any of its lines and behind
 * whatever white space, gets an apostrophe before it. The library's own option looks at the first character alone.
 */
export function asPlainText(text: string): string {
  return text.replace(/(^|[\r\n])([^\S\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20]|\t)/g, "$1'$2")
}
