import { eventTypeNames } from '@creatorflow/shared/event-types'
import { metricIds } from '@creatorflow/shared/metrics'
import { type ApiDocument, operationsOf } from '@creatorflow/shared/reference/document'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

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

  test('[WEB-5] fits a phone', async () => {
    const page = await site.open('/docs', { viewport: { width: 390, height: 844 } })
    await page.getByRole('heading', { name: 'API reference' }).waitFor()
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
  })
})
