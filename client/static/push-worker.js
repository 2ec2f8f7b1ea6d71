// Shows alerts while no page is open. A page registers it when somebody turns notifications on, never on its own.
addEventListener('push', (event) => {
  const { title = 'CreatorFlow Live', body, path, tag } = event.data?.json() ?? {}
  event.waitUntil(
    registration.showNotification(title, {
      body,
      tag,
      renotify: tag !== undefined,
      icon: '/icon-192.png',
      badge: '/icon-192.png',
      data: { path },
    }),
  )
})

addEventListener('notificationclick', (event) => {
  const { data, close } = event.notification
  close.call(event.notification)
  // A path of this server alone, whatever was sent.
  const path = typeof data?.path === 'string' && /^\/(?![/\\])/.test(data.path) ? data.path : '/'
  event.waitUntil(show(new URL(path, location.origin).href))
})

/** In the tab that shows it already, else in a new one. */
async function show(url) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  const open = pages.find((page) => page.url === url)
  return open ? open.focus() : clients.openWindow(url)
}
