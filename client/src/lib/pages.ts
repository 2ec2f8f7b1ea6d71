import type { EndpointAccess } from '@creatorflow/shared/endpoint'
import { m } from '#messages'
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
    name: m.app_all_creators(),
    group: 'menu',
    access: 'signed_in',
    also: m.app_home_start_switch_add_creator(),
  },
  {
    path: '/settings',
    name: m.app_settings(),
    group: 'menu',
    access: 'signed_in',
    also: m.app_preferences(),
  },
  {
    path: '/docs',
    name: m.app_api_reference(),
    group: 'menu',
    access: 'anyone',
    also: m.app_openapi_curl_docs_help_developers(),
  },

  {
    path: '/c/[creator]',
    name: m.app_cockpit(),
    group: 'creator',
    access: 'read',
    icon: 'activity',
    early: true,
    also: m.app_dashboard_now(),
  },
  {
    path: '/c/[creator]/history',
    name: m.app_history(),
    group: 'creator',
    access: 'read',
    icon: 'rotate-ccw-clock',
    also: m.app_lives_past_power_hours_best_time(),
  },
  {
    path: '/c/[creator]/alerts',
    name: m.app_alerts(),
    group: 'creator',
    access: 'read',
    icon: 'bell',
    also: m.app_alerts_also(),
  },
  {
    path: '/c/[creator]/alerts/rules',
    name: m.app_alert_rules(),
    group: 'link',
    access: 'read',
  },
  {
    path: '/c/[creator]/alerts/rules/[rule]',
    name: m.app_alert_rule(),
    group: 'link',
    access: 'read',
  },
  {
    path: '/c/[creator]/lives/[session]',
    name: m.app_summary(),
    group: 'live',
    access: 'read',
    also: m.app_report_results_recap(),
  },
  {
    path: '/c/[creator]/lives/[session]/replay',
    name: m.app_replay(),
    group: 'live',
    access: 'read',
    also: m.app_watch_again_recording(),
  },
  {
    path: '/c/[creator]/compare',
    name: m.app_compare(),
    group: 'live',
    access: 'read',
    also: m.app_versus(),
  },

  {
    path: '/settings/profile',
    name: m.app_profile(),
    group: 'settings',
    access: 'signed_in',
    also: m.app_password_two_factor_2fa_account(),
  },
  {
    path: '/settings/sign-ins',
    name: m.app_sign_ins(),
    group: 'settings',
    access: 'user',
    also: m.app_sessions_devices_browsers_log_out(),
  },
  {
    path: '/settings/creator',
    name: m.app_creator(),
    group: 'settings',
    access: 'manager',
    also: m.app_time_zone_currency_locale_format(),
  },
  {
    path: '/settings/sources',
    name: m.app_sources(),
    group: 'settings',
    access: 'read',
    also: m.app_connect_tiktok_shopify_shop(),
  },
  {
    path: '/settings/notifications',
    name: m.app_notifications(),
    group: 'settings',
    access: 'read',
    also: m.app_alerts_targets_push_webhook_slack(),
  },
  {
    path: '/settings/dead-letters',
    name: m.app_dead_letters(),
    group: 'settings',
    access: 'operate',
    also: m.app_errors_failed_rejected_messages(),
  },
  {
    path: '/settings/team',
    name: m.app_team(),
    group: 'settings',
    access: 'manager',
    also: m.app_members_invite_invitations_roles(),
  },
  {
    path: '/settings/keys',
    name: m.app_api_keys(),
    group: 'settings',
    access: 'manager',
    also: m.app_token_secret_developers(),
  },
  {
    path: '/settings/audit',
    name: m.app_audit_log(),
    group: 'settings',
    access: 'manager',
    also: m.app_who_changed_history(),
  },
  {
    path: '/settings/usage',
    name: m.app_usage(),
    group: 'settings',
    access: 'manager',
    also: m.app_limits_quota_rate(),
  },
  {
    path: '/settings/jobs',
    name: m.app_jobs(),
    group: 'settings',
    access: 'owner',
    also: m.app_background(),
  },
  {
    path: '/settings/data',
    name: m.app_data(),
    group: 'settings',
    access: 'manager',
    also: m.app_erase_privacy_gdpr_retention(),
  },

  { path: '/welcome', name: m.app_welcome(), group: 'link', access: 'anyone' },
  { path: '/invitation', name: m.app_invitation(), group: 'link', access: 'anyone' },
  { path: '/forgot', name: m.app_forgot_password(), group: 'link', access: 'anyone' },
  { path: '/reset', name: m.app_new_password(), group: 'link', access: 'anyone' },
  { path: '/design', name: m.app_design(), group: 'link', access: 'anyone' },
  { path: '/[...path]', name: m.app_page_not_found(), group: 'link', access: 'anyone' },
] as const satisfies readonly Page[]

export type PagePath = (typeof pages)[number]['path']
