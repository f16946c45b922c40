/* One process per cell: `node main.ts <cell as JSON> <milliseconds of samples>` prints its figures as JSON. */
import type { Cell, Figures, ProbeName } from '../cells/cell.ts'
import { LIBRARIES } from '../subjects/libraries.ts'
import type { Subject } from '../subjects/subject.ts'
import { countTimers, holdBreakers } from './breakers-probe.ts'
import { timeFailing, timeInFlight, timePermit, timeRefused, timeSequential } from './call-probes.ts'
import { callsUnderOneSignal, heapSlope } from './endurance-probes.ts'
import { timeFailureAfter } from './window-probe.ts'

type Probe = (subject: Subject, size: number, sampleMs: number) => Promise<Figures>

const PROBES: Readonly<Record<Exclude<ProbeName, 'import'>, Probe>> = {
  sequential: (subject, _size, sampleMs) => timeSequential(subject, sampleMs),
  'in-flight': (subject, _size, sampleMs) => timeInFlight(subject, sampleMs),
  failing: (subject, _size, sampleMs) => timeFailing(subject, sampleMs),
  refused: (subject, _size, sampleMs) => timeRefused(subject, sampleMs),
  permit: (subject, _size, sampleMs) => timePermit(subject, sampleMs),
  window: timeFailureAfter,
  heap: holdBreakers,
  timers: countTimers,
  endurance: heapSlope,
  signal: callsUnderOneSignal,
}

const [json = '', sampleMs = ''] = process.argv.slice(2)
const cell = JSON.parse(json) as Cell
if (cell.probe === 'import') throw new Error('an import is measured without this file')
const figures = await PROBES[cell.probe](await subjectOf(cell), cell.size, Number(sampleMs))
// Breakers that hold timers would keep the process.
process.stdout.write(JSON.stringify(figures), () => process.exit())

async function subjectOf({ id, library, scenario, subject: name }: Cell): Promise<Subject> {
  const subjects = (await LIBRARIES[library]?.())?.subjects
  const subject = scenario === undefined ? undefined : subjects?.[scenario]?.[name]
  if (subject === undefined || typeof subject === 'string') throw new Error(`nothing to measure: ${id}`)
  return subject
}
