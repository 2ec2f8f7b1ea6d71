/** How long a message stays: longer than it takes to read a sentence. */
const shownMs = 6_000

class Notice {
  text = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Announces success. Failures are shown where they happened instead. */
  say(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.text = ''
    }, shownMs)
  }
}

export const notice = new Notice()
