import type { Letter } from './mail.ts'

const ending = '\n\nIf you did not expect this e-mail, ignore it. The link expires.\n'

export function resetLetter(to: string, url: string): Letter {
  return {
    to,
    subject: 'Set a new password for CreatorFlow Live',
    text: `Somebody, probably you, asked for a new password.\n\nOpen this link within an hour to set it:\n\n${url}${ending}`,
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
    // Fixed: whoever may invite must not write the subject of mail to strangers.
    subject: 'You are invited to CreatorFlow Live',
    text: `${plainName(by.inviter)} invites you as ${by.role} of ${plainName(by.where)}.\n\nOpen this link within 7 days to accept:\n\n${by.url}${ending}`,
  }
}

export function secondFactorLetter(to: string): Letter {
  return {
    to,
    subject: 'Your second factor for CreatorFlow Live was removed',
    text: 'An owner removed the second factor of your account. You now sign in with your password alone.\n\nSet up a new second factor under Settings, Profile. If you did not ask for this, tell an owner.\n',
  }
}

const longestName = 60

/** A name without what a mail program would turn into a link or an address. */
function plainName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{M}\p{N} '’-]+/gu, ' ').trim()
  return [...plain].slice(0, longestName).join('') || 'Somebody'
}
