import { claims } from './claims-table.ts'
import { comments } from './comments.ts'
import { lives } from './lives.ts'
import { people } from './people.ts'
import { peopleDays } from './people-days.ts'
import { pinMarks } from './pin-marks.ts'
import type { Projection } from './projection.ts'

/** Every table derived from the log. */
export const projections: readonly Projection[] = [
  claims,
  peopleDays,
  lives,
  pinMarks,
  people,
  comments,
]
