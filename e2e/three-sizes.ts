import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFindings } from './axe.ts'

/** Nothing that axe finds, in either look and on three sizes, and no page wider than its screen. `ready` is there once it is drawn. */
export async function checkSizes(page: Page, address: string, ready: string): Promise<void> {
  for (const width of [1920, 1366, 390]) {
    await page.setViewportSize({ width, height: 844 })
    await page.goto(address)
    await page.locator(ready).first().waitFor()
    expect(await axeFindings(page), String(width)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth'), String(width)).toBe(width)
  }
}
