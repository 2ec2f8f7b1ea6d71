/** How far apart the two deliveries of one edit may arrive. */
const APART_MS = 60_000

/**
 * Whether an edit arrived without the update that shows its lines, as when nobody subscribed to it. Times are
 * epoch ms of the newest delivery of each.
 */
export function isUpdateMissing(
  editedAt: number | undefined,
  updatedAt: number | undefined,
  now: number,
): boolean {
  if (editedAt === undefined || now - editedAt <= APART_MS) return false
  return updatedAt === undefined || updatedAt < editedAt - APART_MS
}
