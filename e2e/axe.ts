import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { isLongRun } from '../scripts/test/long-run.ts'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

const looks = ['dark', 'light'] as const
/** What depends on colors alone: all else is the same in either look. */
const rulesOfColors = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }

/** What runs in the page is text: types of a browser are none of a server's. */
const runAxe = (options: object) =>
  `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`

/**
 * What axe finds on the page as it is, by look, rule and element; a long run asks everything in both looks.
 * The page needs `bypassCSP`.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axeSource)
  const found: string[] = []
  for (const colorScheme of looks) {
    await page.emulateMedia({ colorScheme })
    const isKnown = colorScheme === 'light' && !isLongRun()
    const problems = await page.evaluate<string[]>(
      runAxe(isKnown ? { runOnly: rulesOfColors } : {}),
    )
    found.push(...problems.map((problem) => `${colorScheme}: ${problem}`))
  }
  return found
}
