import { describe, expect, it } from 'vitest'
import source from '../../../../static/push-worker.js?raw'

interface Shown {
  readonly title: string
  readonly options: { readonly tag?: string; readonly data: { readonly path?: unknown } }
}

/** The worker as a browser runs it, with the pages that are open. */
function startWorker(open: readonly string[] = []) {
  const listeners = new Map<string, (event: object) => void>()
  const shown: Shown[] = []
  const went: string[] = []
  const given = {
    addEventListener: (name: string, listener: (event: object) => void) =>
      listeners.set(name, listener),
    registration: {
      showNotification: async (title: string, options: Shown['options']) =>
        shown.push({ title, options }),
    },
    clients: {
      matchAll: async () =>
        open.map((url) => ({ url, focus: async () => went.push(`focus ${url}`) })),
      openWindow: async (url: string) => went.push(`open ${url}`),
    },
    location: new URL('https://live.example.com/push-worker.js'),
  }
  new Function(...Object.keys(given), source)(...Object.values(given))
  return {
    shown,
    went,
    async send(name: string, event: object) {
      const waits: Promise<unknown>[] = []
      listeners.get(name)?.({ ...event, waitUntil: (until: Promise<unknown>) => waits.push(until) })
      await Promise.all(waits)
      return waits.length
    },
  }
}

const click = (path: unknown) => ({ notification: { data: { path }, close() {} } })

describe('the service worker', () => {
  it('[NOTIFY-5] shows what it is sent, and something even if that is nothing', async () => {
    const worker = startWorker()
    const push = { title: '⚠️ GMV down', body: 'GMV down 40%', path: '/c/mia/alerts', tag: 'e1' }
    expect(await worker.send('push', { data: { json: () => push } })).toBe(1)
    expect(worker.shown).toMatchObject([
      { title: push.title, options: { body: push.body, tag: 'e1', data: { path: push.path } } },
    ])
    await worker.send('push', { data: null })
    expect(worker.shown[1]?.title).toBe('CreatorFlow Live')
  })

  it('[NOTIFY-5] a click opens a page of this server, or the tab that has it', async () => {
    const worker = startWorker(['https://live.example.com/c/mia'])
    await worker.send('notificationclick', click('/c/mia'))
    await worker.send('notificationclick', click('/c/mia/alerts?episode=e1'))
    for (const path of [
      '//evil.example.com',
      'https://evil.example.com',
      '/\\evil.example.com',
      7,
    ]) {
      await worker.send('notificationclick', click(path))
    }
    expect(worker.went).toEqual([
      'focus https://live.example.com/c/mia',
      'open https://live.example.com/c/mia/alerts?episode=e1',
      ...Array(4).fill('open https://live.example.com/'),
    ])
  })
})
