import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { BrowserContext } from 'playwright-core'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** Has pages come from another build than the server's own; what they ask the API goes to the server. */
export async function serveBuild(context: BrowserContext, folder: string): Promise<void> {
  await context.route(
    (url) => !/^\/(api|socket\.io)\//.test(url.pathname),
    (route) => {
      const { pathname } = new URL(route.request().url())
      const isPage = extname(pathname) === ''
      const file = join(folder, isPage ? '200.html' : pathname)
      return route.fulfill({
        contentType: types[extname(file)] ?? 'application/octet-stream',
        body: readFileSync(file),
      })
    },
  )
}

/**
 * What is wrong with a page in a pseudo-locale: text that no message brought, text that is cut, and scrolling
 * sideways. Names and other data are listed in `data`, stand in `bdi` or are marked `translate="no"`; the server's own
 * words `lang="en"`; what may end unseen, since it can be of any length or is said elsewhere, `data-cuts`.
 */
export const pseudoFaults = (data: readonly string[]) => `(() => {
  const data = ${JSON.stringify(data)}
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false })
  const exempt = 'script, style, noscript, code, kbd, pre, bdi, time, svg, [translate=no], [lang=en], .visually-hidden [translate=no]'
  const intl = /\\b(AM|PM|(Mon|Tues?|Wed|Thu|Fri|Sat|Sun)(day|nesday|rsday|urday)?|January|February|March|April|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|USD|UTC|CreatorFlow Live)\\b/g
  const faults = []
  const nameOf = (element) => element.localName + (element.className ? '.' + String(element.className.baseVal ?? element.className).replaceAll(/ ?s-[\\w-]+/g, '').trim().replaceAll(' ', '.') : '') + (element.dataset?.testid ? '#' + element.dataset.testid : '')
  let depth = 0
  const outside = (text) => {
    let out = ''
    for (const letter of text) {
      if (letter === '⟦') depth++
      else if (letter === '⟧') depth--
      else if (depth <= 0) out += letter
    }
    return data.reduce((text, name) => text.replaceAll(name, ''), out).replaceAll(intl, '')
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode
    if (!parent || parent.closest('script, style, noscript')) continue
    const text = outside(data)
    if (parent.closest(exempt) || !/\\p{L}/u.test(text) || !visible(parent)) continue
    faults.push('no message: “' + text.trim().slice(0, 60) + '” in ' + nameOf(parent.parentElement) + ' > ' + nameOf(parent))
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-label', 'aria-valuetext']) {
    for (const element of document.body.querySelectorAll('[' + name + ']')) {
      depth = 0
      const text = outside(element.getAttribute(name))
      if (element.closest(exempt) || !/\\p{L}/u.test(text) || /^@\\w+$/.test(text) || !visible(element)) continue
      faults.push('no message: ' + name + '=“' + text.slice(0, 60) + '” of ' + nameOf(element))
    }
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (!visible(element) || element.closest('[data-cuts], .visually-hidden, #svelte-announcer, svg, canvas')) continue
    const style = getComputedStyle(element)
    if (style.clipPath !== 'none') continue
    const hides = ['hidden', 'clip'].includes(style.overflowX) || style.textOverflow === 'ellipsis'
    if (!hides || !/[⟦⟧]/.test(element.textContent)) continue
    if (element.scrollWidth > element.clientWidth + 1) {
      faults.push('cut: ' + nameOf(element.parentElement) + ' > ' + nameOf(element) + ' by ' + (element.scrollWidth - element.clientWidth) + ': “' + element.textContent.trim().slice(0, 60) + '”')
    }
  }
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (wide > 0) {
    const right = document.documentElement.clientWidth
    const over = [...document.body.querySelectorAll('*')].filter((element) => {
      const box = element.getBoundingClientRect()
      return visible(element) && (box.right > right + 1 || box.left < -1) && !element.closest('.visually-hidden')
    })
    faults.push('scrolls sideways by ' + wide + ': ' + over.slice(0, 4).map(nameOf).join(', '))
  }
  return [...new Set(faults)]
})()`
