import { errorCode } from '@creatorflow/db/database'
import { createTransport } from 'nodemailer'
import type { Config } from '../../core/config/config.ts'
import type { Log } from '../../core/log.ts'

export interface Letter {
  readonly to: string
  readonly subject: string
  /** Plain text: links must be visible. */
  readonly text: string
}

export interface Mail {
  /** Sends an e-mail; false if the mail server did not accept it, which is logged. */
  send(letter: Letter): Promise<boolean>
}

const timeoutMs = 10_000

/** Sends e-mail; null if this server has none. */
export function createMail(config: Pick<Config, 'smtpUrl' | 'mailFrom'>, log: Log): Mail | null {
  if (config.smtpUrl === undefined) return null
  const transport = createTransport(
    {
      url: config.smtpUrl,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // An e-mail is text written by this program: no file or address is read for it.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: config.mailFrom },
  )
  return {
    async send({ to, subject, text }) {
      try {
        await transport.sendMail({ to: { name: '', address: to }, subject, text })
        return true
      } catch (error) {
        // Neither the address nor the link: more people read a log than a mailbox.
        log.error({ code: errorCode(error) }, 'failed to send an e-mail')
        return false
      }
    },
  }
}
