/** Whether this is a long run: `npm run test:long`. */
export const isLongRun = () => process.env.TEST_LONG === '1'

/** How many cases a test runs: `many` in a long run, else `few`. */
export const scaled = (few: number, many: number): number => (isLongRun() ? many : few)
