/* Which cells there are, from what each library says that it can do. */
import type { Library, Scenario, Subject } from '../subjects/subject.ts'
import type { Cell, Effort, GroupName, ProbeName } from './cell.ts'

interface Row {
  readonly library: Library
  readonly name: string
  readonly subject: Subject | string
}

interface Kind {
  readonly probe: ProbeName
  readonly group: GroupName
  readonly scenario: Scenario
  readonly sizes: readonly number[]
  readonly rounds: number
}

export const CALLS_IN_WINDOW = [0, 1_000, 10_000, 100_000]
const ONE_SIZE = [0]
const CALLS_PER_TIMED_CALL = 10
/** The yardstick: what the loader costs when there is next to nothing to load. */
export const YARDSTICK = 'node:events'

export function planOf(libraries: readonly Library[], effort: Effort): readonly Cell[] {
  const calls = kindsOf(effort).flatMap((kind) => cellsOf(libraries, kind))
  return [...calls, ...importsOf(libraries, effort.importRounds)]
}

function kindsOf({ rounds, heapRounds, idleMs, enduranceCalls, signalCalls }: Effort): readonly Kind[] {
  return [
    { probe: 'sequential', group: 'closed', scenario: 'closed', sizes: ONE_SIZE, rounds },
    { probe: 'in-flight', group: 'closed, in flight', scenario: 'closed', sizes: ONE_SIZE, rounds },
    { probe: 'sequential', group: 'timeout', scenario: 'timeout', sizes: ONE_SIZE, rounds },
    { probe: 'in-flight', group: 'timeout, in flight', scenario: 'timeout', sizes: ONE_SIZE, rounds },
    { probe: 'failing', group: 'failing', scenario: 'failing', sizes: ONE_SIZE, rounds },
    {
      probe: 'window',
      group: 'window',
      scenario: 'window',
      sizes: CALLS_IN_WINDOW,
      rounds: Math.ceil(rounds / 2),
    },
    { probe: 'refused', group: 'refused', scenario: 'refused', sizes: ONE_SIZE, rounds },
    { probe: 'heap', group: 'heap', scenario: 'breakers', sizes: [idleMs], rounds: heapRounds },
    { probe: 'timers', group: 'timers', scenario: 'breakers', sizes: [idleMs], rounds: 1 },
    { probe: 'endurance', group: 'endurance', scenario: 'breakers', sizes: [enduranceCalls], rounds: 1 },
    // A timeout per call is dear with some, and is the likelier to leave something behind.
    {
      probe: 'endurance',
      group: 'endurance',
      scenario: 'timeout',
      sizes: [enduranceCalls / CALLS_PER_TIMED_CALL],
      rounds: 1,
    },
    { probe: 'signal', group: 'signal', scenario: 'signal', sizes: [signalCalls], rounds: 1 },
  ]
}

function cellsOf(libraries: readonly Library[], kind: Kind): readonly Cell[] {
  return rowsOf(libraries, kind.scenario).flatMap((row) => kind.sizes.map((size) => cellOf(row, kind, size)))
}

function rowsOf(libraries: readonly Library[], scenario: Scenario): readonly Row[] {
  return libraries.flatMap((library) =>
    Object.entries(library.subjects[scenario] ?? {}).map(([name, subject]) => ({ library, name, subject })),
  )
}

function cellOf({ library, name, subject }: Row, kind: Kind, size: number): Cell {
  const calls = kind.probe === 'endurance' ? size / (library.fewerCalls ?? 1) : size
  return {
    id: [kind.group, library.name, name, ...(kind.sizes.length > 1 ? [String(size)] : [])].join(' | '),
    probe: kind.probe === 'refused' && name === 'permit' ? 'permit' : kind.probe,
    group: kind.group,
    library: library.name,
    scenario: kind.scenario,
    subject: name,
    size: calls,
    rounds: kind.rounds,
    ...(typeof subject === 'string' ? { reason: subject } : {}),
  }
}

function importsOf(libraries: readonly Library[], rounds: number): readonly Cell[] {
  const names = [YARDSTICK, ...libraries.map(({ name }) => name).filter((name) => name !== 'none')]
  return names.map((name) => ({
    id: `import | ${name}`,
    probe: 'import',
    group: 'import',
    library: name,
    subject: 'everything',
    size: 0,
    rounds,
  }))
}
