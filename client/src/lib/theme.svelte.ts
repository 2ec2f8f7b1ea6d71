import { MediaQuery } from 'svelte/reactivity'
import { remember, remembered } from './remembered.ts'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

class Theme {
  choice = $state<ThemeChoice>('system')
  readonly #prefersDark = new MediaQuery('(prefers-color-scheme: dark)')
  /** The theme in use. */
  readonly shown = $derived<'light' | 'dark'>(
    this.choice === 'system' ? (this.#prefersDark.current ? 'dark' : 'light') : this.choice,
  )

  constructor() {
    const kept = remembered('theme')
    if (kept === 'light' || kept === 'dark') this.choice = kept
  }

  /** The next choice in order. */
  next(): void {
    const at = themeChoices.indexOf(this.choice)
    this.choose(themeChoices[(at + 1) % themeChoices.length] as ThemeChoice)
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice
    remember('theme', choice === 'system' ? null : choice)
    // app.html sets the same attribute before the first paint.
    if (choice === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = choice
  }
}

export const theme = new Theme()
