export type Task = (x: number) => Promise<number>

/** One breaker, configured in one way. */
export interface Subject<Breaker extends object = object> {
  /** Its text is printed in the report: the configuration that is shown is the one that ran. */
  make(task: Task): Breaker
  /** The guarded task, called as the library's documentation calls it. */
  guard(breaker: Breaker, task: Task): Task
  isClosed(breaker: Breaker): boolean
  /** Asks for leave without a promise; `undefined` is a refusal. */
  attempt?(breaker: Breaker): unknown
  /** A call under a signal of the caller's. */
  under?(breaker: Breaker, task: Task, signal: AbortSignal): Task
  dispose?(breaker: Breaker): void
}

/** What is asked of every library. */
export const SCENARIOS = ['closed', 'timeout', 'failing', 'window', 'refused', 'breakers', 'signal'] as const
export type Scenario = (typeof SCENARIOS)[number]

/** By name; a text instead of a subject says why the library cannot do it. */
export type Subjects = Readonly<Record<string, Subject | string>>

export interface Library {
  /** As it is called on npm. */
  readonly name: string
  readonly subjects: Readonly<Partial<Record<Scenario, Subjects>>>
  /** What an application imports: first that of one that wants a breaker and nothing else, then everything. */
  readonly imports: readonly string[]
  /** How many times fewer calls it makes in the long runs, so that they end. */
  readonly fewerCalls?: number
}
