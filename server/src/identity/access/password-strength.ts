import { AppError } from '../../core/errors.ts'

/** Guesses that a password must withstand, in powers of ten: one guessed sooner is a common one. */
const leastGuessesLog10 = 8

/** Throws for a password that is easy to guess, saying what to do. */
export async function refuseGuessable(
  password: string,
  about: { readonly email: string; readonly name: string },
): Promise<void> {
  checker ??= loadChecker()
  const check = await checker
  const words = `${about.email} ${about.name} creatorflow`.split(/[^\p{L}\p{N}]+/u)
  const own = [about.email, about.name, ...words]
  const { guessesLog10 } = check(password, own)
  if (guessesLog10 >= leastGuessesLog10) return
  throw new AppError('invalid_input', 'This password is easy to guess.', {
    details: {
      fields: [{ path: 'password', message: 'is easy to guess: add unrelated words' }],
    },
  })
}

type Check = (password: string, own: string[]) => { readonly guessesLog10: number }
let checker: Promise<Check> | undefined

/** The word lists take 30 MB and are needed only when a password is set. */
async function loadChecker(): Promise<Check> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  return (password, own) => zxcvbn.check(password, own)
}
