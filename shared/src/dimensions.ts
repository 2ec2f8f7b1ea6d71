/** What one row of a dataset is. Orders and customers get theirs here, with a column in `dimensions` below. */
export type Dataset = 'event' | 'live'

interface Dimension {
  readonly label: string
  /** How its values are written and compared: dates are `YYYY-MM-DD`. */
  readonly type: 'text' | 'date' | 'number'
  /** Its column in each dataset that has it; a time dimension comes from the time of the event, in every dataset. */
  readonly columns: Readonly<Partial<Record<Dataset, string>>> | 'time'
  /** Whether its values name people. */
  readonly personal: boolean
}

/** The one table of dimensions: what numbers can be split and filtered by. */
export const dimensions = {
  session: {
    label: 'LIVE',
    type: 'text',
    columns: { event: 'session_id', live: 'session_id' },
    personal: false,
  },
  product: { label: 'product', type: 'text', columns: { event: 'product_id' }, personal: false },
  channel: { label: 'channel', type: 'text', columns: { event: 'channel' }, personal: false },
  traffic_source: {
    label: 'traffic source',
    type: 'text',
    columns: { event: 'traffic_source' },
    personal: false,
  },
  day: { label: 'day', type: 'date', columns: 'time', personal: false },
  /** 1 is Monday. */
  weekday: { label: 'weekday', type: 'number', columns: 'time', personal: false },
  hour: { label: 'hour of the day', type: 'number', columns: 'time', personal: false },
} as const satisfies Record<string, Dimension>

export type DimensionId = keyof typeof dimensions
export const dimensionIds = Object.keys(dimensions) as readonly DimensionId[]

/** Dimensions that come from the time, in the creator's zone. */
export type TimeDimension = {
  [Id in DimensionId]: (typeof dimensions)[Id]['columns'] extends 'time' ? Id : never
}[DimensionId]

export const isTimeDimension = (id: DimensionId): id is TimeDimension =>
  dimensions[id].columns === 'time'

/** The column of a dataset that holds a dimension; undefined if it has none, or it comes from the time. */
export function columnIn(dataset: Dataset, id: DimensionId): string | undefined {
  const { columns }: Dimension = dimensions[id]
  return columns === 'time' ? undefined : columns[dataset]
}

/** How values of a dimension can be compared. */
export const operators = ['in', 'not_in', 'gte', 'lt', 'contains', 'set'] as const
export type Operator = (typeof operators)[number]

/** The comparisons that a dimension allows. */
export function operatorsOf(id: DimensionId): readonly Operator[] {
  if (isTimeDimension(id)) return ['in', 'not_in', 'gte', 'lt']
  return ['in', 'not_in', 'contains', 'set']
}
