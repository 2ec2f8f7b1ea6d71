/** How much one rule may ask for. */
export const ruleLimits = {
  windowMinutes: 60,
  /** Longer than any LIVE: such a rule would never fire. */
  durationSeconds: 12 * 3_600,
  cooldownSeconds: 7 * 86_400,
  nameCharacters: 80,
  wordsCharacters: 200,
  targets: 20,
} as const
