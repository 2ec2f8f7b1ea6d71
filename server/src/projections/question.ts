/** Marks that end a question in the scripts that have one of their own. */
const questionEnd = /[?？؟⁇][\s!！.…)"'”’\p{Extended_Pictographic}\p{M}]*$/u

/** Whether a comment asks something: it ends so, or its source says so. */
export function isQuestion(text: string, said: unknown): boolean {
  return said === true || questionEnd.test(text)
}
