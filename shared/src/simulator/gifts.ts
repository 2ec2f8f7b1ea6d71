import { type SimulatedGift, simulatedGifts } from './shop.ts'
import type { EventFields, Stage } from './stage.ts'

const totalAppeal = simulatedGifts.reduce((sum, { appeal }) => sum + appeal, 0)

/** Someone sends a gift: once, or as a streak whose running total is reported repeatedly. */
export function gift(stage: Stage, giver: Pick<EventFields, 'user_id' | 'user'>): void {
  const chosen = choose(stage)
  const properties = {
    gift_id: chosen.id,
    gift_name: chosen.name,
    diamond_count: chosen.diamonds,
  }
  if (!chosen.streaks) {
    // By the clock, not by chance: everything else stays the same.
    const isForGuest = stage.now % 3 === 0
    if (isForGuest) countForGuest(stage, chosen)
    else count(stage, chosen, 1)
    stage.emit(isForGuest ? 'guest_gift' : 'gift', { ...giver, quantity: 1, properties })
    return
  }
  // Whole seconds, like platforms: two people may share one, so giver and gift belong to its identity.
  const streak_id = String(Math.floor(stage.now / 1_000))
  const key = `gift ${giver.user_id} ${chosen.id} ${streak_id}`
  let repeat = 0
  let left = stage.random.pick([0, 0, 0, 1, 2, 3, 5, 8])

  function report(streak_end: boolean): void {
    count(stage, chosen, stage.ledger.running(key, repeat, stage.now))
    stage.emit('gift', {
      ...giver,
      quantity: repeat,
      properties: { ...properties, streak_id, streak_end },
    })
  }
  function step(): void {
    if (!stage.onAir) return
    repeat += stage.random.between(1, 3)
    report(false)
    if (left-- > 0) stage.after(stage.random.between(600, 2_500), step)
    // The end of a streak is lost now and then.
    else if (!stage.random.chance(0.15)) stage.after(stage.random.between(1_500, 3_000), end)
  }
  function end(): void {
    if (stage.onAir) report(true)
  }
  step()
}

function count({ ledger, now }: Stage, { diamonds }: SimulatedGift, gifts: number): void {
  ledger.add('gifts', gifts, now)
  ledger.add('diamonds', gifts * diamonds, now)
}

function countForGuest({ ledger, now }: Stage, { diamonds }: SimulatedGift): void {
  ledger.add('guest_gifts', 1, now)
  ledger.add('guest_diamonds', diamonds, now)
}

function choose({ random }: Stage): SimulatedGift {
  let left = random.next() * totalAppeal
  return (
    simulatedGifts.find((candidate) => {
      left -= candidate.appeal
      return left < 0
    }) ?? (simulatedGifts[0] as SimulatedGift)
  )
}
