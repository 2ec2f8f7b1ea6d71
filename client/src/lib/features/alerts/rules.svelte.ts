import type { BodyInput, Reply } from '@creatorflow/shared/endpoint'
import type { Failure } from '@creatorflow/shared/errors'
import type {
  addAlertRule,
  changeAlertRule,
  endSilence,
  listAlertRules,
  removeAlertRule,
  restoreAlertRule,
  ShownRule,
  Silence,
  silenceAlerts,
} from '@creatorflow/shared/features/alerts'
import { change } from '#lib/ask.ts'
import { request } from '#lib/request.ts'
import { Resource } from '#lib/resource.svelte.ts'
import type { RuleBody } from './saved.ts'

/** The rules of a creator and its silences. */
export class Rules {
  readonly all: Resource<Reply<typeof listAlertRules>>
  readonly #params: { readonly creator_id: string }

  constructor(creatorId: string) {
    this.#params = { creator_id: creatorId }
    this.all = new Resource(
      request<typeof listAlertRules>('GET /api/v1/creators/:creator_id/alerts/rules', {
        params: this.#params,
      }),
    )
  }

  /** The silence of a rule that ends last, or of all rules. */
  silenceOf(ruleId: string | null): Silence | undefined {
    return this.all.value?.silences
      .filter(({ rule_id }) => rule_id === null || rule_id === ruleId)
      .reduce<Silence | undefined>((a, b) => (a && a.until > b.until ? a : b), undefined)
  }

  add(body: RuleBody): Promise<Failure | null> {
    return this.#after(
      change<typeof addAlertRule>('POST /api/v1/creators/:creator_id/alerts/rules', {
        params: this.#params,
        body,
      }),
    )
  }

  change(id: string, body: BodyInput<typeof changeAlertRule>): Promise<Failure | null> {
    return this.#after(
      change<typeof changeAlertRule>('PATCH /api/v1/creators/:creator_id/alerts/rules/:rule_id', {
        params: { ...this.#params, rule_id: id },
        body,
      }),
    )
  }

  remove({ id }: ShownRule): Promise<Failure | null> {
    return this.#after(
      change<typeof removeAlertRule>('DELETE /api/v1/creators/:creator_id/alerts/rules/:rule_id', {
        params: { ...this.#params, rule_id: id },
      }),
    )
  }

  restore({ id }: ShownRule): Promise<Failure | null> {
    return this.#after(
      change<typeof restoreAlertRule>(
        'POST /api/v1/creators/:creator_id/alerts/rules/:rule_id/restore',
        { params: { ...this.#params, rule_id: id } },
      ),
    )
  }

  silence(rule_id: string | null, minutes: number): Promise<Failure | null> {
    return this.#after(
      change<typeof silenceAlerts>('POST /api/v1/creators/:creator_id/alerts/silences', {
        params: this.#params,
        body: { rule_id, minutes },
      }),
    )
  }

  endSilence(silence_id: string): Promise<Failure | null> {
    return this.#after(
      change<typeof endSilence>('DELETE /api/v1/creators/:creator_id/alerts/silences/:silence_id', {
        params: { ...this.#params, silence_id },
      }),
    )
  }

  async #after(asked: Promise<Failure | null>): Promise<Failure | null> {
    const failure = await asked
    if (!failure) await this.all.refresh()
    return failure
  }
}
