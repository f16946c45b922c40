import type { Scenario } from '../subjects/subject.ts'

/** One figure or a few, measured by one process. */
export interface Cell {
  readonly id: string
  readonly probe: ProbeName
  readonly group: GroupName
  readonly library: string
  /** Where the subject stands in its library; nothing for an import. */
  readonly scenario?: Scenario
  readonly subject: string
  /** The size of what is asked: calls in the window, calls in a long run, milliseconds of idleness. */
  readonly size: number
  /** How often it runs; each time in a process of its own, between the others. */
  readonly rounds: number
  /** Why there is nothing to run. */
  readonly reason?: string
}

export type ProbeName =
  | 'sequential'
  | 'in-flight'
  | 'failing'
  | 'refused'
  | 'permit'
  | 'window'
  | 'heap'
  | 'timers'
  | 'endurance'
  | 'signal'
  | 'import'

export type GroupName =
  | 'closed'
  | 'closed, in flight'
  | 'timeout'
  | 'timeout, in flight'
  | 'failing'
  | 'window'
  | 'refused'
  | 'heap'
  | 'timers'
  | 'endurance'
  | 'signal'
  | 'import'

/** What a process reports. */
export type Figures = Readonly<Record<string, number>>

/** How long everything may take. */
export interface Effort {
  readonly rounds: number
  readonly sampleMs: number
  readonly idleMs: number
  readonly heapRounds: number
  readonly importRounds: number
  readonly enduranceCalls: number
  readonly signalCalls: number
}

export const FULL: Effort = {
  rounds: 5,
  sampleMs: 400,
  idleMs: 3_000,
  heapRounds: 1,
  importRounds: 21,
  enduranceCalls: 10_000_000,
  signalCalls: 1_000_000,
}

export const QUICK: Effort = {
  rounds: 2,
  sampleMs: 100,
  idleMs: 500,
  heapRounds: 1,
  importRounds: 15,
  enduranceCalls: 200_000,
  signalCalls: 50_000,
}
