/** First parts of addresses that the server and its pages answer, and words for no single creator. */
const words: ReadonlySet<string> = new Set([
  'all',
  'api',
  'app',
  'assets',
  'c',
  'compare',
  'creator',
  'creators',
  'design',
  'docs',
  'events',
  'favicon',
  'forgot',
  'healthz',
  'history',
  'invitation',
  'lives',
  'me',
  'messages',
  'metrics',
  'new',
  'null',
  'openapi',
  'overview',
  'readyz',
  'reset',
  'settings',
  'sign-in',
  'socket',
  'undefined',
  'wall',
  'welcome',
  '_app',
])

/** Ids that only demo creators may have. */
const demoId = /^demo(-[1-9]\d{0,8})?$/

/** Whether a demo creator may have this id. */
export function isDemoId(id: string): boolean {
  return demoId.test(id)
}

/**
 * Whether no new creator may have an id: a demo, a page, or a property that every object has, such as
 * `constructor`.
 */
export function isReservedId(id: string): boolean {
  return isDemoId(id) || words.has(id) || id in Object.prototype
}
