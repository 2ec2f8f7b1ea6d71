import type { EndpointAccess } from '@creatorflow/shared/endpoint'
import type { IconName } from './ui/icons.ts'

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
  /** In the bar at the bottom of a phone. */
  readonly icon?: IconName
  /** It is drawn before the server says who is asking, since it asks over a connection of its own. */
  readonly early?: true
}

/** Every page, in the order in which it is listed. */
export const pages = [
  {
    path: '/',
    name: 'All creators',
    group: 'menu',
    access: 'signed_in',
    also: 'home start switch add creator',
  },
  { path: '/settings', name: 'Settings', group: 'menu', access: 'signed_in', also: 'preferences' },
  {
    path: '/docs',
    name: 'API reference',
    group: 'menu',
    access: 'anyone',
    also: 'OpenAPI curl docs help developers',
  },

  {
    path: '/c/[creator]',
    name: 'Cockpit',
    group: 'creator',
    access: 'read',
    icon: 'activity',
    early: true,
    also: 'dashboard now',
  },
  {
    path: '/c/[creator]/history',
    name: 'History',
    group: 'creator',
    access: 'read',
    icon: 'rotate-ccw-clock',
    also: 'LIVEs past power hours best time',
  },
  {
    path: '/c/[creator]/lives/[session]',
    name: 'Summary',
    group: 'live',
    access: 'read',
    also: 'report results recap',
  },
  {
    path: '/c/[creator]/lives/[session]/replay',
    name: 'Replay',
    group: 'live',
    access: 'read',
    also: 'watch again recording',
  },
  { path: '/c/[creator]/compare', name: 'Compare', group: 'live', access: 'read', also: 'versus' },

  {
    path: '/settings/profile',
    name: 'Profile',
    group: 'settings',
    access: 'signed_in',
    also: 'password two-factor 2FA account',
  },
  {
    path: '/settings/sign-ins',
    name: 'Sign-ins',
    group: 'settings',
    access: 'user',
    also: 'sessions devices browsers log out',
  },
  {
    path: '/settings/creator',
    name: 'Creator',
    group: 'settings',
    access: 'manager',
    also: 'time zone currency locale format delete export rename shop',
  },
  {
    path: '/settings/sources',
    name: 'Sources',
    group: 'settings',
    access: 'read',
    also: 'connect TikTok Shopify shop webhook integrations connections',
  },
  {
    path: '/settings/notifications',
    name: 'Notifications',
    group: 'settings',
    access: 'read',
    also: 'alerts targets push webhook Slack Discord Telegram e-mail deliveries',
  },
  {
    path: '/settings/dead-letters',
    name: 'Dead letters',
    group: 'settings',
    access: 'operate',
    also: 'errors failed rejected messages',
  },
  {
    path: '/settings/team',
    name: 'Team',
    group: 'settings',
    access: 'manager',
    also: 'members invite invitations roles people users',
  },
  {
    path: '/settings/keys',
    name: 'API keys',
    group: 'settings',
    access: 'manager',
    also: 'token secret developers',
  },
  {
    path: '/settings/audit',
    name: 'Audit log',
    group: 'settings',
    access: 'manager',
    also: 'who changed history',
  },
  {
    path: '/settings/usage',
    name: 'Usage',
    group: 'settings',
    access: 'manager',
    also: 'limits quota rate',
  },
  { path: '/settings/jobs', name: 'Jobs', group: 'settings', access: 'owner', also: 'background' },
  {
    path: '/settings/data',
    name: 'Data',
    group: 'settings',
    access: 'manager',
    also: 'erase privacy GDPR retention',
  },

  { path: '/welcome', name: 'Welcome', group: 'link', access: 'anyone' },
  { path: '/invitation', name: 'Invitation', group: 'link', access: 'anyone' },
  { path: '/forgot', name: 'Forgot password?', group: 'link', access: 'anyone' },
  { path: '/reset', name: 'New password', group: 'link', access: 'anyone' },
  { path: '/design', name: 'Design', group: 'link', access: 'anyone' },
  { path: '/[...path]', name: 'Page not found', group: 'link', access: 'anyone' },
] as const satisfies readonly Page[]

export type PagePath = (typeof pages)[number]['path']
