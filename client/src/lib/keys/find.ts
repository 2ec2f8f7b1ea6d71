/** Those whose words hold every word of what was typed, in their order. */
export function find<T extends { readonly does: string }>(all: readonly T[], typed: string): T[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ does }) => words.every((word) => does.toLocaleLowerCase().includes(word)))
}
