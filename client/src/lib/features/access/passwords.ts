import type { passwordLength } from '@creatorflow/shared/features/access'
import { m } from '#messages'

// Written out, because importing the value would bring zod with it; the type holds them together.
const least: (typeof passwordLength)['least'] = 12

/** What a new password needs, for the field itself. */
export const newPassword = {
  minlength: least,
  hint: m.access_at_least_least_characters_tip_use({ least }),
} as const
