import { m } from '#messages'
import { remember, remembered, type Switch } from './remembered.ts'
import type { IconName } from './ui/icons.ts'

class RememberedSwitch {
  on = $state(false)
  readonly #name: Switch

  constructor(name: Switch) {
    this.#name = name
    this.on = remembered(name) === 'on'
  }

  toggle(): void {
    this.on = !this.on
    remember(this.#name, this.on ? 'on' : null)
  }
}

/** Hides money and names, for whoever shares the screen. */
export const streamer = new RememberedSwitch('streamer')
/** Do not disturb: alerts and milestones stay away. */
export const quiet = new RememberedSwitch('quiet')
/** One short sound for an episode of alerts. */
export const sound = new RememberedSwitch('sound')
/** Shortcuts of a single key are off, for whoever dictates or steers by voice. */
export const lettersOff = new RememberedSwitch('letters_off')

/** What every page shows as icons in its header, and the menu in words. */
export const switches = [
  {
    id: 'streamer',
    held: streamer,
    icon: 'eye-off',
    name: m.app_streamer_mode_hide_money_and_names(),
    key: 's',
  },
  { id: 'quiet', held: quiet, icon: 'bell-off', name: m.app_do_not_disturb(), key: 'd' },
  { id: 'sound', held: sound, icon: 'volume-2', name: m.app_alert_sounds(), key: 'a' },
] as const satisfies readonly {
  readonly id: Switch
  readonly held: RememberedSwitch
  readonly icon: IconName
  readonly name: string
  readonly key: string
}[]
