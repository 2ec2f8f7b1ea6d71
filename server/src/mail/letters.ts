import type { Letter } from './mail.ts'

const ending = '\n\nIf you did not expect this letter, do nothing: the link ends by itself.\n'

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
    subject: `${by.inviter} invites you to CreatorFlow Live`,
    text: `${by.inviter} invites you as ${by.role} of ${by.where}.\n\nOpen this link within 7 days to accept:\n\n${by.url}${ending}`,
  }
}
