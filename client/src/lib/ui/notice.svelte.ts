/** How long a message stays: a sentence is read in less. */
const shownMs = 6_000

class Notice {
  text = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Tells that something went well. Failures stay where they happened instead. */
  say(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.text = ''
    }, shownMs)
  }
}

export const notice = new Notice()
