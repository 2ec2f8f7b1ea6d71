/** Question marks of scripts with their own. */
const questionEnd = /[?？؟⁇][\s!！.…)"'”’\p{Extended_Pictographic}\p{M}]*$/u

/** Whether a comment is a question: by its ending, or by its source. */
export function isQuestion(text: string, said: unknown): boolean {
  return said === true || questionEnd.test(text)
}
