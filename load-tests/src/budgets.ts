/**
 * The target of one figure. Reaching it is never a test of the suite: machines differ, and a busy one proves
 * nothing.
 */
export interface Budget {
  readonly label: string
  readonly unit: string
  readonly aim: { readonly atLeast: number } | { readonly atMost: number }
}

/** Every target, by the name of its figure. */
export const budgets = {
  ingest_ratio: {
    label: 'durable events over HTTP ÷ COPY of the same rows',
    unit: '×',
    aim: { atLeast: 0.2 },
  },
  delivery_ratio: {
    label: 'CPU per delivered update ÷ bare Socket.IO room',
    unit: '×',
    aim: { atMost: 1.1 },
  },
  latency_p99: { label: 'event → screen, p99', unit: 'ms', aim: { atMost: 250 } },
  bytes_share: { label: 'bytes ÷ full state at the same rate', unit: '%', aim: { atMost: 10 } },
  join_time: {
    label: 'all screens exact after a restart, joining at once',
    unit: 'ms',
    aim: { atMost: 5_000 },
  },
  delivery_answer: {
    label: 'slowest response to a shop during an event flood',
    unit: 'ms',
    aim: { atMost: 3_000 },
  },
  recount_memory: {
    label: 'extra memory while a long log is recounted',
    unit: 'MB',
    aim: { atMost: 300 },
  },
  recount_wait: {
    label: 'slowest response to a LIVE of that creator during the recount',
    unit: 'ms',
    aim: { atMost: 100 },
  },
  recount_differences: {
    label: 'rows that differ from a count from scratch',
    unit: '',
    aim: { atMost: 0 },
  },
  queries_ratio: {
    label: 'a page of twelve questions ÷ its slowest one alone',
    unit: '×',
    aim: { atMost: 1.5 },
  },
  queries_page: {
    label: 'the page of twelve questions itself',
    unit: 'ms',
    aim: { atMost: 250 },
  },
  join_reads: { label: 'database reads for it', unit: '', aim: { atMost: 1 } },
  js_first: {
    label: 'gzipped JavaScript before the first numbers',
    unit: 'kB',
    aim: { atMost: 110 },
  },
  js_all: { label: 'the same with all panels', unit: 'kB', aim: { atMost: 180 } },
  first_numbers: {
    label: 'navigation → first numbers painted',
    unit: 'ms',
    aim: { atMost: 1_000 },
  },
  main_thread: { label: 'main thread busy', unit: '%', aim: { atMost: 30 } },
  long_tasks: { label: 'tasks over 50 ms', unit: '', aim: { atMost: 0 } },
  layout_shifts: { label: 'layout shifts', unit: '', aim: { atMost: 0 } },
  heap_drift: { label: 'heap, furthest from its median', unit: '%', aim: { atMost: 10 } },
  console_errors: { label: 'errors on the console', unit: '', aim: { atMost: 0 } },
} as const satisfies Record<string, Budget>

export type BudgetName = keyof typeof budgets

/** Whether a figure meets its target. */
export function reaches({ aim }: Budget, value: number): boolean {
  return 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost
}

/** The target in words: `≥ 0.2 ×`. */
export function aimText({ aim, unit }: Budget): string {
  const words = 'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`
  return `${words} ${unit}`.trimEnd()
}
