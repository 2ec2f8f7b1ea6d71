/** Whether this run takes its time: `npm run test:long`. */
export const isLongRun = () => process.env.TEST_LONG === '1'

/** How much a test goes through, such as random cases: `many` in a long run, else `few`. */
export const scaled = (few: number, many: number): number => (isLongRun() ? many : few)
