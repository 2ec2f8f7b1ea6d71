import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/alerts'
import type { Baselines } from '../../baseline/baselines.ts'
import type { Bus } from '../../bus/bus.ts'
import type { ConfigOf } from '../../core/config/variable.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Feature, Routes } from '../../http/feature.ts'
import { backtest } from './backtest/backtest.ts'
import { createCourses } from './backtest/courses.ts'
import { noiseOf, noiseOfAll } from './backtest/noise.ts'
import { createPastLives } from './backtest/read.ts'
import type { alertsVariables } from './config.ts'
import { createAlertWatch } from './engine/watch.ts'
import { selectEpisodes } from './episodes.ts'
import { alertsChannel, createAlertFeed } from './feed.ts'
import { forgetAlertsJob } from './forget.ts'
import { createAnswers } from './people.ts'
import { createRuleChanges } from './rules/changes.ts'
import { isSeeded, type RuleRow, ruleOf, seedDefaults, selectRules } from './rules/store.ts'
import { selectSilences } from './silences.ts'

export interface AlertsDeps {
  readonly database: Database
  readonly bus: Bus
  readonly baselines: Baselines
  readonly log: Log
  readonly config: ConfigOf<typeof alertsVariables>
}

/** Rules that watch LIVEs, what fired, and who is told. */
export function createAlertsFeature(deps: AlertsDeps): Feature {
  const { database, bus, log, config } = deps
  const told = (creatorId: string) => void bus.publish(alertsChannel, creatorId)
  return {
    name: 'alerts',
    mount: (routes) => {
      mountRules(routes, deps, told)
      mountEpisodes(routes, deps, told)
      mountPreviews(routes, deps)
    },
    watch: createAlertWatch({
      database,
      log,
      told,
      baselines: deps.baselines,
      maxSubjects: config.maxAlertSubjects,
    }),
    jobs: [forgetAlertsJob(database, config.alertEpisodesKeptDays)],
    openFeed: (screens) => createAlertFeed({ database, bus, log }, screens),
  }
}

type Told = (creatorId: string) => void

function mountRules({ router, answer }: Routes, { database, config }: AlertsDeps, told: Told) {
  const changes = createRuleChanges({ database, maxRules: config.maxAlertRules })

  const list = (tenant: Tenant) =>
    database.readAs(tenant, async (read) => ({
      isSeeded: await isSeeded(read, tenant),
      rules: (await selectRules(read, tenant)).map(shownRule),
      silences: await selectSilences(read, tenant),
    }))

  answer(router, wire.listAlertRules, async ({ tenant }) => {
    let found = await list(tenant)
    if (!found.isSeeded) {
      const exists = await database.transaction((tx) => seedDefaults(tx, tenant))
      if (!exists) throw new AppError('not_found', 'Creator not found.')
      found = await list(tenant)
    }
    return { rules: found.rules, silences: found.silences, limit: config.maxAlertRules }
  })
  answer(router, wire.addAlertRule, async ({ tenant, actor, body }) => ({
    rule: shownRule(await changes.add(tenant, actor, body)),
  }))
  answer(router, wire.changeAlertRule, async ({ tenant, actor, params, body }) => {
    const rule = shownRule(await changes.change(tenant, actor, params.rule_id, body))
    told(tenant.creatorId)
    return { rule }
  })
  answer(router, wire.removeAlertRule, async ({ tenant, actor, params }) => {
    await changes.remove(tenant, actor, params.rule_id)
    told(tenant.creatorId)
    return undefined
  })
  answer(router, wire.restoreAlertRule, async ({ tenant, actor, params }) => ({
    rule: shownRule(await changes.restore(tenant, actor, params.rule_id)),
  }))
}

function mountEpisodes({ router, answer }: Routes, { database }: AlertsDeps, told: Told) {
  const answers = createAnswers(database)
  answer(router, wire.listAlertEpisodes, ({ tenant, query }) =>
    database.readAs(tenant, (read) => selectEpisodes(read, tenant, query)),
  )
  answer(router, wire.acknowledgeAlert, async ({ tenant, actor, params }) => {
    const episode = await answers.acknowledge(tenant, actor, params.episode_id)
    told(tenant.creatorId)
    return { episode }
  })
  answer(router, wire.silenceAlerts, async ({ tenant, actor, body }) => ({
    silence: await answers.silence(tenant, actor, body),
  }))
  answer(router, wire.endSilence, async ({ tenant, actor, params }) => {
    await answers.endSilence(tenant, actor, params.silence_id)
    return undefined
  })
}

function mountPreviews({ router, answer }: Routes, { database, baselines }: AlertsDeps) {
  const courses = createCourses(database)
  const deps = { database, baselines, courses, pastLives: createPastLives(database) }
  answer(router, wire.backtestAlertRule, ({ tenant, body }) => backtest(deps, tenant, body))
  answer(router, wire.listAlertNoise, async ({ tenant, query }) => {
    const rows = await database.readAs(tenant, (read) => selectRules(read, tenant))
    return noiseOfAll(database, tenant, rows.map(ruleOf), query.days)
  })
  answer(router, wire.getAlertNoise, async ({ tenant, params, query }) => {
    const rules = await database.readAs(tenant, (read) => selectRules(read, tenant))
    const row = rules.find(({ id }) => id === params.rule_id)
    if (!row) throw new AppError('not_found', 'Alert rule not found.')
    return noiseOf(deps, tenant, ruleOf(row), query.days)
  })
}

function shownRule({ id, body, origin, changed_at }: RuleRow): wire.ShownRule {
  return { id, ...body, origin, changed_at: changed_at.toISOString() }
}
