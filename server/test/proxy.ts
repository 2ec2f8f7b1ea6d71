import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A breakable network between two programs. */
export interface NetworkProxy extends AsyncDisposable {
  /** The address of the other side, with this one's host and port. */
  readonly url: string
  /** Breaks every connection and refuses new ones, like a dead server. */
  cut(): void
  /** Keeps every connection and accepts new ones, but lets nothing through, like a network that swallows packets. */
  blackHole(): void
  /** Works again; what was swallowed meanwhile is lost with its connection. */
  restore(): void
}

/** Forwards a free port of this machine to the host and port of an address. */
export async function startProxy(target: string): Promise<NetworkProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'black hole' = 'open'

  const server = createServer((near) => {
    hold(near)
    if (state === 'cut') return void near.resetAndDestroy()
    if (state === 'black hole') return void near.pause()
    const far = connect(Number(port), hostname)
    hold(far)
    near.pipe(far).pipe(near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(address.port)

  function hold(socket: Socket) {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Breaking is its purpose: both sides see their connection close.
    socket.on('error', () => {})
  }
  function breakAll() {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    url: url.href,
    cut() {
      state = 'cut'
      breakAll()
    },
    blackHole() {
      state = 'black hole'
      for (const socket of sockets) socket.unpipe().pause()
    },
    restore() {
      const swallowed = state === 'black hole'
      state = 'open'
      if (swallowed) breakAll()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      breakAll()
      await closed
    },
  }
}
