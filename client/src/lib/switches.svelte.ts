import { remember, remembered, type Switch } from './remembered.ts'

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
