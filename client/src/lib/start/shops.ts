/** The page of a creator's sources with the form of one kind open. */
export const connectAddress = (creatorId: string, kind: string): string =>
  `/settings/sources?${new URLSearchParams({ creator: creatorId, connect: kind })}`
