import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** The network between browser and server, which can fail. */
export interface Network extends AsyncDisposable {
  /** On loopback. A server with a local owner checks the requested address: it must be its own. */
  readonly port: number
  /** From now on nothing arrives, and nobody is notified: as when a phone leaves the Wi-Fi. */
  lose(): void
  /** Open connections break, as by a router that forgot them; new ones pass. */
  restore(): void
}

/** A TCP proxy on its own port in front of the server at `url`. */
export async function networkTo(url: string): Promise<Network> {
  const target = Number(new URL(url).port)
  const open = new Set<Socket>()
  let lost = false

  const proxy = createServer((near) => {
    const far = connect(target, 'localhost')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      // A broken end closes, and closes the other one.
      from.on('error', () => {})
      from.on('close', () => {
        open.delete(from)
        to.end()
      })
      from.on('data', (bytes) => {
        if (!lost) to.write(bytes)
      })
    }
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const breakOpen = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: address.port,
    lose() {
      lost = true
    },
    restore() {
      breakOpen()
      lost = false
    },
    async [Symbol.asyncDispose]() {
      breakOpen()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
