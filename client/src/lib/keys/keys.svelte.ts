import { SvelteMap } from 'svelte/reactivity'
import { lettersOff } from '#lib/switches.svelte.ts'
import { type ShortcutId, shortcutOf } from './shortcuts.ts'

type Run = () => void

/** What the shortcuts do on the page that is open; those of others are not there. */
export const actions = new SvelteMap<ShortcutId, Run>()

/** Something on the page that is open which the palette leads to, such as a product. */
export interface Place {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly run: Run
}

/** Asked when the palette opens, so that what changes all the time costs nothing meanwhile. */
export const places = new Set<() => readonly Place[]>()

/** Lends places while the component that calls it is there. */
export function usePlaces(given: () => readonly Place[]): void {
  $effect(() => {
    places.add(given)
    return () => void places.delete(given)
  })
}

/** Lends actions while the component that calls it is there. */
export function useShortcuts(given: Partial<Record<ShortcutId, Run>>): void {
  $effect(() => {
    const entries = Object.entries(given) as [ShortcutId, Run][]
    for (const [id, run] of entries) actions.set(id, run)
    return () => {
      for (const [id, run] of entries) if (actions.get(id) === run) actions.delete(id)
    }
  })
}

/** Runs what a key press means. */
export function pressed(event: KeyboardEvent): void {
  const { target } = event
  const id = shortcutOf(
    {
      key: event.key,
      ctrlKey: event.ctrlKey,
      metaKey: event.metaKey,
      altKey: event.altKey,
      repeat: event.repeat,
      isComposing: event.isComposing,
      inField: target instanceof Element && isField(target),
      onControl: target instanceof Element && target.closest('button, a, summary') !== null,
      inDialog: document.querySelector('dialog[open]') !== null,
    },
    lettersOff.on,
  )
  const run = id && actions.get(id)
  if (!run || event.defaultPrevented) return
  event.preventDefault()
  run()
}

/** Where keys are text or a choice. */
export function isField(element: Element): boolean {
  return element.closest('input, textarea, select, [contenteditable]') !== null
}
