import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A slow network between two programs. */
export interface SlowProxy extends AsyncDisposable {
  /** The address of the other side, with this one's host and port. */
  readonly url: string
  /** Delay of each chunk of data, per direction. */
  delayMs: number
}

/** Forwards a free port of this machine to the host and port of an address. */
export async function startSlowProxy(target: string): Promise<SlowProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    forward(near, far)
    forward(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(address.port)

  function forward(from: Socket, to: Socket): void {
    sockets.add(from)
    let dueAt = 0
    // In order even if the delay shrinks meanwhile.
    const later = (act: () => void) => {
      dueAt = Math.max(dueAt, performance.now() + proxy.delayMs)
      setTimeout(act, Math.max(0, dueAt - performance.now()))
    }
    from.setNoDelay(true)
    from.on('data', (data) => later(() => void to.write(data)))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      later(() => to.destroy())
    })
  }

  const proxy: SlowProxy = {
    url: url.href,
    delayMs: 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return proxy
}
