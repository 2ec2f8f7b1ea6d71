import type { Letter } from './mail.ts'

const ending = '\n\nIf you did not expect this e-mail, you can ignore it.\n'

export function resetLetter(to: string, url: string): Letter {
  return {
    to,
    subject: 'Reset your CreatorFlow Live password',
    text: `Someone asked to reset your password.\
\
To set a new one, open this link within an hour:\
\
${url}${ending}`,
  }
}

export function invitationLetter(
  to: string,
  by: {
    readonly url: string
    readonly inviter: string
    readonly where: string
    readonly role: string
  },
): Letter {
  return {
    to,
    // Fixed: inviters must not write the subject of mail to strangers.
    subject: 'Your invitation to CreatorFlow Live',
    text: `${plainName(by.inviter)} invited you as ${by.role} of ${plainName(by.where)}.\
\
To accept, open this link within 7 days:\n\n${by.url}${ending}`,
  }
}

export function secondFactorLetter(to: string): Letter {
  return {
    to,
    subject: 'Two-factor authentication was turned off for your CreatorFlow Live account',
    text: 'An owner turned off two-factor authentication for your account. You now sign in with only your password.\
\
You can turn it on again under Settings, Profile. If you did not ask for this, contact an owner.\
',
  }
}

const longestName = 60

/** A name without what a mail program would turn into a link or an address. */
function plainName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{M}\p{N} '’-]+/gu, ' ').trim()
  return [...plain].slice(0, longestName).join('') || 'Someone'
}
