import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** The way between browser and server, which can be lost. */
export interface Network extends AsyncDisposable {
  /** Of loopback. A server owned by whoever is at the machine looks at the address that was asked for: it must be its own. */
  readonly port: number
  /** From now on nothing arrives, and nobody is told: as when a phone leaves the Wi-Fi. */
  lose(): void
  /** What was open is broken, as by a router that forgot it; new connections go through. */
  restore(): void
}

/** A TCP proxy on a port of its own in front of the server at `url`. */
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
      // An end that breaks closes, and takes the other one with it.
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
