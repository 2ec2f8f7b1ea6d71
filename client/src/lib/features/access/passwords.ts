import type { passwordLength } from '@creatorflow/shared/features/access'

// Written out, because importing the value would bring zod with it; the type holds them together.
const least: (typeof passwordLength)['least'] = 12

/** What a new password needs, for the field itself. */
export const newPassword = {
  minlength: least,
  hint: `At least ${least} characters. Tip: use three unrelated words.`,
} as const
