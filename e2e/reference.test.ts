import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { eventTypeNames } from '@creatorflow/shared/event-types'
import { metricIds } from '@creatorflow/shared/metrics'
import { type ApiDocument, operationsOf } from '@creatorflow/shared/reference/document'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

declare const axe: { run(context: { include: string[] }): Promise<unknown> }

describeInBrowser('the API reference', (site) => {
  test('[WEB-5] shows every operation, the socket, event types and metrics, and finds by words', async () => {
    const page = await site.open('/docs')
    const reply = await page.request.get(`${site.server.url}/api/v1/openapi.json`)
    const operations = operationsOf((await reply.json()) as ApiDocument)
    await page.getByRole('heading', { name: 'API reference' }).waitFor()

    for (const { operation } of operations) {
      expect(await page.locator(`[id="${operation.operationId}"]`).count(), operation.summary).toBe(
        1,
      )
    }
    const said = await page.locator('main').innerText()
    for (const word of [...metricIds, ...eventTypeNames, 'emitWithAck'])
      expect(said).toContain(word)

    await page.getByRole('tab', { name: 'Python' }).click()
    const goal = page.locator('#postCreatorsByCreatorIdGoal')
    await expect.poll(() => goal.innerText()).toContain('urllib.request')
    await page.reload()
    await expect.poll(() => goal.innerText()).toContain('urllib.request')

    await page.getByRole('searchbox').fill('goal remove')
    await expect.poll(() => page.locator('article').count()).toBe(1)
    await page.getByRole('searchbox').fill('no such thing')
    await page.getByRole('button', { name: 'Show all' }).click()
    await expect.poll(() => page.locator('article').count()).toBe(operations.length)
  })

  test('[WEB-5] works on a phone and with a screen reader', async () => {
    const page = await site.open('/docs', { viewport: { width: 390, height: 844 } })
    await page.getByRole('heading', { name: 'API reference' }).waitFor()
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
    const source = readFileSync(
      createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
      'utf8',
    )
    await page.evaluate(source)
    // All operations are drawn alike; the whole page takes a minute.
    const parts = ['header', 'nav', '#start', '#errors', '#socket', '#about-events']
    const { violations } = (await page.evaluate((include) => axe.run({ include }), parts)) as {
      violations: { id: string; nodes: { html: string }[] }[]
    }
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  })
})
