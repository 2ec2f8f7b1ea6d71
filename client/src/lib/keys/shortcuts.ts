import { type Panel, type PanelShortcutId, panels } from '#lib/panels.ts'
import { m } from '#messages'
import type { Shortcut } from './shortcut.ts'

const ofAll = [
  {
    id: 'streamer',
    keys: 's',
    does: m.keys_streamer_mode_hide_money_and_names(),
    group: 'Show',
    also: m.keys_privacy_blur_screen_share(),
  },
  {
    id: 'quiet',
    keys: 'd',
    does: m.keys_do_not_disturb(),
    group: 'Show',
    also: m.keys_mute_silence_toasts(),
  },
  {
    id: 'sound',
    keys: 'a',
    does: m.keys_alert_sounds(),
    group: 'Show',
    also: m.keys_mute_audio_volume_beep(),
  },
  {
    id: 'theme',
    keys: 't',
    does: m.keys_switch_theme(),
    group: 'Show',
    also: m.keys_dark_light_mode_colors(),
  },
  { id: 'dismiss', keys: 'x', does: m.keys_dismiss_latest_alert(), group: 'Show' },
  { id: 'why', keys: 'w', does: m.keys_show_latest_alert_on_chart(), group: 'Show' },
  { id: 'play', keys: ' ', does: m.keys_play_or_pause_replay(), group: 'Page' },
  {
    id: 'goal',
    keys: 'g',
    does: m.keys_live_goal(),
    group: 'Page',
    also: m.keys_target_forecast_pace(),
  },
  { id: 'home', keys: 'h', does: m.keys_all_creators(), group: 'Page' },
  {
    id: 'sheet',
    keys: '?',
    does: m.keys_keyboard_shortcuts(),
    group: 'Page',
    also: m.keys_keys_help_hotkeys(),
  },
  { id: 'palette', keys: 'Mod+k', does: m.keys_find_command_or_page(), group: 'Page' },
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
  const names: Readonly<Record<string, string>> = { Mod: isMac ? '⌘' : 'Ctrl', ' ': m.keys_space() }
  return keys.split('+').map((key) => names[key] ?? key.toUpperCase())
}
