import { gift } from './gifts.ts'
import { commentTexts, inventedUser } from './shop.ts'
import { factorAt, type Stage, type Stretch } from './stage.ts'

/** Somebody in the room. `seat` is their place in the list of those present. */
export interface Person {
  readonly id: string
  readonly number: number
  /** Absent from the list while -1. */
  seat: number
}

export interface Audience {
  readonly present: readonly Person[]
  /** Anybody who watches now; undefined in an empty room. */
  someone(): Person | undefined
}

/** How often each thing happens, a second and person present. */
const perPersonSecond = {
  comment: 0.004,
  likes: 0.02,
  gift: 0.0012,
  follow: 0.0008,
  share: 0.0005,
  subscribe: 0.00012,
} as const

const JOINS_PER_SECOND = 1.6
const IMPRESSIONS_PER_JOIN = 6
const REGULARS = 400
const DISPLAY_EVERY_MS = 5_000
const SAMPLE_EVERY_MS = [5_000, 10_000] as const
const sources = [
  'for_you',
  'for_you',
  'for_you',
  'following',
  'following',
  'search',
  'share',
  'ads',
]

/** Opens the doors: people come, watch, react and leave until the LIVE ends. */
export function gatherAudience(stage: Stage): Audience {
  const { random, ledger } = stage
  const { grain = 1, chatter = 1 } = stage.options
  const crowd = createCrowd(stage)
  const { present, someone } = crowd
  let likeTotal = random.between(0, 300)
  const userOf = (person: Person) => ({ user_id: person.id, user: inventedUser(person.number) })

  function comment(person: Person): void {
    ledger.add('comments', 1, stage.now)
    stage.emit('comment', { ...userOf(person), properties: { text: random.pick(commentTexts) } })
  }

  function likes(person: Person): void {
    const quantity = random.between(1, 15) * grain
    if (random.chance(0.06)) {
      ledger.add('likes', quantity, stage.now)
      stage.emit('like', { user_id: person.id, quantity })
      return
    }
    likeTotal += quantity
    // Some shards of the platform are behind and report a total that has been passed.
    const total = random.chance(0.1) ? Math.max(0, likeTotal - random.between(5, 200)) : likeTotal
    ledger.add('likes', ledger.running('likes', total, stage.now), stage.now)
    stage.emit('like', { user_id: person.id, quantity, properties: { total } })
  }

  const reactions: readonly (readonly [perSecond: number, react: (person: Person) => void])[] = [
    [perPersonSecond.comment * chatter, comment],
    [perPersonSecond.likes / grain, likes],
    [perPersonSecond.gift * chatter, (person) => gift(stage, userOf(person))],
    [perPersonSecond.follow, simple('follow', 'follows')],
    [perPersonSecond.share, simple('share', 'shares')],
    [perPersonSecond.subscribe, simple('subscribe', 'subscriptions')],
  ]

  function simple(
    type: 'follow' | 'share' | 'subscribe',
    metric: 'follows' | 'shares' | 'subscriptions',
  ) {
    return (person: Person) => {
      ledger.add(metric, 1, stage.now)
      stage.emit(type, userOf(person))
    }
  }

  /** Draws what happens within the next second and spreads it over it. */
  function second(): void {
    const lengthMs = Math.min(1_000, stage.endsAt - stage.now)
    if (lengthMs <= 0) return
    const spread = (mean: number, act: () => void) => {
      for (let left = random.poisson(mean); left > 0; left--) {
        stage.after(random.next() * (lengthMs - 1), act)
      }
    }
    spread((crowd.arrivalRate() * lengthMs) / 1_000, crowd.join)
    for (const [perSecond, react] of reactions) {
      spread((present.length * perSecond * lengthMs) / 1_000, () => {
        const person = someone()
        if (person && stage.onAir) react(person)
      })
    }
    stage.after(lengthMs, second)
  }

  function sample(): void {
    if (!stage.onAir) return
    const value = present.length
    ledger.add('viewer_samples', 1, stage.now)
    ledger.add('viewer_sample_sum', value, stage.now)
    ledger.atLeast('peak_viewers', value, stage.now)
    const total_users = Math.max(0, crowd.entries - (random.chance(0.1) ? random.between(1, 9) : 0))
    ledger.atLeast('total_users', total_users, stage.now)
    const { ts, id } = stage.emit('viewer_count', { quantity: value, properties: { total_users } })
    stage.viewersNow = { value, ts, id }
    stage.after(random.between(...SAMPLE_EVERY_MS), sample)
  }

  function display(): void {
    if (!stage.onAir) return
    const seconds = DISPLAY_EVERY_MS / 1_000
    const quantity = random.poisson(crowd.arrivalRate() * seconds * grain * IMPRESSIONS_PER_JOIN)
    if (quantity > 0) {
      ledger.add('live_impressions', quantity, stage.now)
      stage.emit('live_impression', { quantity, traffic_source: random.pick(sources) })
    }
    stage.after(DISPLAY_EVERY_MS * grain, display)
  }

  second()
  stage.after(500, sample)
  stage.after(1_000, display)
  return { present, someone }
}

/** Who is there: people come and leave. */
function createCrowd(stage: Stage) {
  const { random, ledger, rate } = stage
  const { startAt, durationMs } = stage.options
  const regularsOf = stage.options.regularsOf === undefined ? '' : `${stage.options.regularsOf}-`
  const present: Person[] = []
  const gone: Person[] = []
  const surges = plannedSurges(stage)
  let strangers = 0
  let entries = random.between(0, 40)

  /** Joins a second now: a rise, a plateau and a fall, with a surge when the platform recommends the LIVE. */
  function arrivalRate(): number {
    const part = (stage.now - startAt) / durationMs
    const usual = 0.35 + 0.85 * Math.sin(Math.PI * Math.min(1, 0.08 + part * 0.95))
    const shape = stage.options.arc?.(part) ?? usual * factorAt(surges, part)
    return rate * JOINS_PER_SECOND * shape * (stage.pausedAt === null ? 1 : 0.3)
  }

  function newcomer(): Person {
    if (gone.length > 0 && random.chance(0.12)) {
      const [back] = gone.splice(random.between(0, gone.length - 1), 1)
      if (back) return back
    }
    if (random.chance(0.08)) {
      const number = random.between(1, REGULARS)
      const id = `${regularsOf}regular-${number}`
      return present.find((person) => person.id === id) ?? { id, number, seat: -1 }
    }
    const number = REGULARS + ++strangers
    return { id: `${stage.options.sessionId}-guest-${strangers}`, number, seat: -1 }
  }

  function join(): void {
    const person = newcomer()
    const traffic_source = random.pick(sources)
    entries++
    ledger.add('views', 1, stage.now)
    if (random.chance(0.03)) {
      stage.emit('viewer_joined', { traffic_source })
    } else {
      ledger.viewer(person.id, stage.now)
      stage.emit('viewer_joined', { user_id: person.id, traffic_source })
    }
    if (person.seat >= 0) return
    person.seat = present.push(person) - 1
    const meanSeconds = random.pick([15, 25, 40, 120, 300, 900])
    stage.after(1_000 + random.exponential(meanSeconds * 1_000), () => leave(person))
  }

  function leave(person: Person): void {
    const last = present.pop()
    if (last && last !== person) {
      present[person.seat] = last
      last.seat = person.seat
    }
    person.seat = -1
    gone.push(person)
    if (gone.length > 500) gone.shift()
  }

  return {
    present,
    /** How often somebody entered. */
    get entries() {
      return entries
    },
    someone: () => (present.length > 0 ? random.pick(present) : undefined),
    arrivalRate,
    join,
  }
}

function plannedSurges({ random }: Stage): readonly Stretch[] {
  return Array.from({ length: random.between(1, 3) }, () => {
    const from = 0.1 + random.next() * 0.75
    return { from, to: from + 0.03 + random.next() * 0.05, factor: 2 + random.next() * 1.5 }
  })
}
