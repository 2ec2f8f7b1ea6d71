import type { EndpointAccess } from '@creatorflow/shared/endpoint'

/**
 * Where a page is listed: `menu` in the menu of every page, `creator` in the navigation of a creator, `live` beside each
 * LIVE, `settings` in the settings, `link` nowhere, since only a link leads there.
 */
export type PageGroup = 'menu' | 'creator' | 'live' | 'settings' | 'link'

/** One page: the navigation, the menu, the palette, the guard and the titles read this. */
export interface Page {
  /** The id of its route: the folder below `routes`. */
  readonly path: `/${string}`
  readonly name: string
  readonly group: PageGroup
  /** As of an endpoint: an action is asked for the creator in the address, or for any creator when it names none. */
  readonly access: EndpointAccess
  /** Other words by which the palette finds it. */
  readonly also?: string
  /** It is drawn before the server says who is asking, since it asks over a connection of its own. */
  readonly early?: true
}

/** Every page, in the order in which it is listed. */
export const pages = [
  { path: '/', name: 'All creators', group: 'menu', access: 'signed_in' },
  { path: '/settings', name: 'Settings', group: 'menu', access: 'signed_in' },
  { path: '/docs', name: 'API reference', group: 'menu', access: 'anyone', also: 'OpenAPI curl' },

  { path: '/c/[creator]', name: 'Cockpit', group: 'creator', access: 'read', early: true },
  {
    path: '/c/[creator]/history',
    name: 'History',
    group: 'creator',
    access: 'read',
    also: 'LIVEs power hours',
  },
  { path: '/c/[creator]/lives/[session]', name: 'Summary', group: 'live', access: 'read' },
  { path: '/c/[creator]/lives/[session]/replay', name: 'Replay', group: 'live', access: 'read' },
  { path: '/c/[creator]/compare', name: 'Compare', group: 'live', access: 'read' },

  {
    path: '/settings/profile',
    name: 'Profile',
    group: 'settings',
    access: 'signed_in',
    also: 'password two-factor',
  },
  { path: '/settings/sign-ins', name: 'Sign-ins', group: 'settings', access: 'user' },
  { path: '/settings/sources', name: 'Sources', group: 'settings', access: 'read' },
  { path: '/settings/dead-letters', name: 'Dead letters', group: 'settings', access: 'operate' },
  {
    path: '/settings/team',
    name: 'Team',
    group: 'settings',
    access: 'manager',
    also: 'members invitations roles',
  },
  { path: '/settings/keys', name: 'API keys', group: 'settings', access: 'manager' },
  { path: '/settings/audit', name: 'Audit log', group: 'settings', access: 'manager' },
  { path: '/settings/usage', name: 'Usage', group: 'settings', access: 'manager', also: 'limits' },
  { path: '/settings/jobs', name: 'Jobs', group: 'settings', access: 'owner', also: 'background' },
  { path: '/settings/data', name: 'Data', group: 'settings', access: 'manager', also: 'erase' },

  { path: '/welcome', name: 'Welcome', group: 'link', access: 'anyone' },
  { path: '/invitation', name: 'Invitation', group: 'link', access: 'anyone' },
  { path: '/forgot', name: 'Forgot password?', group: 'link', access: 'anyone' },
  { path: '/reset', name: 'New password', group: 'link', access: 'anyone' },
  { path: '/[...path]', name: 'Page not found', group: 'link', access: 'anyone' },
] as const satisfies readonly Page[]

export type PagePath = (typeof pages)[number]['path']
