import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CircuitBreaker,
  CircuitOpenError,
  consecutiveFailures,
  type CircuitBreakerOptions,
  type FailoverEventOf,
} from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

/** How long a test's circuit stays open at first. */
export const OPEN_MS = 1_000

export const gone = new Error('gone')

export const works = async (): Promise<string> => 'ok'
export const fails = async (): Promise<never> => {
  throw gone
}
export const hangs = (): Promise<never> => new Promise(() => {})

export interface Guarded {
  readonly clock: FakeClock
  readonly breaker: CircuitBreaker
}

/** A breaker of its own, on a fake clock, that one failure opens for `OPEN_MS`. */
export function guard(options: Partial<CircuitBreakerOptions> = {}): Guarded {
  const clock = new FakeClock()
  const defaults = { name: 'api', clock, openMs: OPEN_MS, tripRule: consecutiveFailures(1) }
  return { clock, breaker: new CircuitBreaker({ ...defaults, ...options }) }
}

/** The same, opened by a failed call. */
export async function guardOpen(options: Partial<CircuitBreakerOptions> = {}): Promise<Guarded> {
  const guarded = guard(options)
  await breakIt(guarded.breaker)
  return guarded
}

/** The same, with its open time over: the next call is a trial. */
export async function guardHalfOpen(options: Partial<CircuitBreakerOptions> = {}): Promise<Guarded> {
  const guarded = await guardOpen(options)
  await guarded.clock.advance(OPEN_MS)
  return guarded
}

/** Lets calls fail until the circuit is open. */
export async function breakIt(breaker: CircuitBreaker, atMost = 10): Promise<void> {
  for (let failure = 0; failure < atMost && breaker.state === 'closed'; failure += 1)
    await outcomeOf(() => breaker.run(fails))
}

export type CallOutcome = 'succeeded' | 'refused' | 'failed'

/** How a call ended for its caller. */
export async function outcomeOf(call: () => unknown): Promise<CallOutcome> {
  try {
    await call()
    return 'succeeded'
  } catch (error) {
    return error instanceof CircuitOpenError ? 'refused' : 'failed'
  }
}

/** What a call ended with; undefined if it did not throw. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error
  }
}

export interface Pending<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function pending<T>(): Pending<T> {
  let settle: Omit<Pending<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }))
  if (settle === undefined) throw new Error('an executor runs at once')
  return { promise, ...settle }
}

export interface Begun extends Pending<string> {
  /** What became of the call. Never rejects. */
  readonly outcome: Promise<CallOutcome>
}

/** Begins a call that ends when the test says so. */
export function begin(breaker: CircuitBreaker, note?: () => unknown): Begun {
  const work = pending<string>()
  const outcome = outcomeOf(() =>
    breaker.run(() => {
      note?.()
      return work.promise
    }),
  )
  return { ...work, outcome }
}

type Edge = Pick<FailoverEventOf<'circuit-changed'>, 'from' | 'to'>

/** The edges that a breaker tells from now on, as `from-to`. */
export function edgesOf(breaker: CircuitBreaker): string[] {
  const edges: string[] = []
  breaker.on('circuit-changed', ({ from, to }: Edge) => void edges.push(`${from}>${to}`))
  return edges
}

const execute = promisify(execFile)

/** What a process of its own prints until it ends by itself. */
export async function runFixture(name: string, ...flags: string[]): Promise<string> {
  const file = join(import.meta.dirname, 'fixtures', name)
  const { stdout } = await execute(process.execPath, ['--conditions=@failover/source', ...flags, file], {
    timeout: 20_000,
  })
  return stdout.trim()
}

/** Warnings of the process while `work` runs. */
export async function warningsDuring(work: () => Promise<unknown>): Promise<Error[]> {
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  try {
    await work()
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('warning', note)
  }
  return warnings
}
