import { type Panel, type PanelShortcutId, panels } from '#lib/panels.ts'
import type { Shortcut } from './shortcut.ts'

const ofAll = [
  {
    id: 'streamer',
    keys: 's',
    does: 'Streamer mode: hide money and names',
    group: 'Show',
    also: 'privacy blur screen share',
  },
  { id: 'quiet', keys: 'd', does: 'Do not disturb', group: 'Show', also: 'mute silence toasts' },
  { id: 'sound', keys: 'a', does: 'Alert sounds', group: 'Show', also: 'mute audio volume beep' },
  { id: 'theme', keys: 't', does: 'Switch theme', group: 'Show', also: 'dark light mode colors' },
  { id: 'dismiss', keys: 'x', does: 'Dismiss the latest alert', group: 'Show' },
  { id: 'why', keys: 'w', does: 'Show the latest alert on the chart', group: 'Show' },
  { id: 'play', keys: ' ', does: 'Play or pause the replay', group: 'Page' },
  { id: 'goal', keys: 'g', does: 'LIVE goal', group: 'Page', also: 'target forecast pace' },
  { id: 'home', keys: 'h', does: 'All creators', group: 'Page' },
  { id: 'sheet', keys: '?', does: 'Keyboard shortcuts', group: 'Page', also: 'keys help hotkeys' },
  { id: 'palette', keys: 'Mod+k', does: 'Find a command or page', group: 'Page' },
] as const satisfies readonly Shortcut[]

export type ShortcutId = (typeof ofAll)[number]['id'] | PanelShortcutId

const ofPanels = panels.flatMap((panel: Panel) => panel.shortcuts ?? [])

/** Every shortcut there is, those of panels too: the sheet, the palette and the keyboard read this table. */
export const shortcuts = [...ofAll, ...ofPanels] as readonly (Shortcut & {
  // Each is of one of the two lists.
  readonly id: ShortcutId
})[]

/** What a key press is judged by. */
export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly repeat: boolean
  readonly isComposing: boolean
  /** The focus is where one writes or chooses. */
  readonly inField: boolean
  /** The focus is on what Space itself presses. */
  readonly onControl: boolean
  /** A dialog is open: what lies behind it must not move. */
  readonly inDialog: boolean
}

/** The shortcut that a press means, if any; those of a letter alone may be turned off. */
export function shortcutOf(press: Press, lettersOff: boolean): ShortcutId | undefined {
  if (press.repeat || press.isComposing || press.altKey || press.inDialog) return undefined
  if (press.key === ' ' && press.onControl) return undefined
  const withMod = press.ctrlKey || press.metaKey
  if (!withMod && (press.inField || lettersOff)) return undefined
  const keys = withMod ? `Mod+${press.key.toLowerCase()}` : press.key
  return shortcuts.find((one) => one.keys === keys)?.id
}

/** How the keys of a shortcut are written on a keyboard. */
export function keysShown(keys: string, isMac: boolean): string[] {
  const names: Readonly<Record<string, string>> = { Mod: isMac ? '⌘' : 'Ctrl', ' ': 'Space' }
  return keys.split('+').map((key) => names[key] ?? key.toUpperCase())
}
