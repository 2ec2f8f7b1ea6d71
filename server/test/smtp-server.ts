import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface ReceivedLetter {
  readonly from: string
  readonly to: readonly string[]
  /** Header lines and body as they came over the wire. */
  readonly raw: string
}

export interface TestSmtpServer extends AsyncDisposable {
  readonly url: string
  readonly letters: ReceivedLetter[]
}

/** A mail server on this machine that accepts mail from one user and keeps it. */
export async function startSmtpServer(): Promise<TestSmtpServer> {
  const letters: ReceivedLetter[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === 'live' && password === 'geheim') done(null, { user: username })
      else done(new Error('wrong user or password'))
    },
    onData(stream, { envelope }, done) {
      text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        letters.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw })
        done()
      }, done)
    },
  })
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    url: `smtp://live:geheim@127.0.0.1:${port}`,
    letters,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

/** The one link of an e-mail, with its token. */
export function linkIn({ raw }: ReceivedLetter): { url: string; token: string } {
  // Lines that were too long for mail are broken with `=`.
  const found = /https?:\/\/\S+#token=([\w-]{43})/.exec(
    raw.replaceAll('=\r\n', '').replaceAll('=3D', '='),
  )
  if (!found) throw new Error(`no link in:\n${raw}`)
  return { url: found[0], token: found[1] ?? '' }
}
