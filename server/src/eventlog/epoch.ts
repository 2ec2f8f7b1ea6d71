import { FOLD_VERSION } from '@creatorflow/shared/fold-version'

/** The name of a creator's current log: nothing read under another one is valid. */
export function epochOf(databaseId: string, generation: number): string {
  return `${databaseId}.${generation}.${FOLD_VERSION}`
}
