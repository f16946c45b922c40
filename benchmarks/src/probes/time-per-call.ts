import { setImmediate as turn } from 'node:timers/promises'
import { measure } from 'mitata'
import { median } from 'simple-statistics'
import type { Figures } from '../cells/cell.ts'
import type { Loop } from './loops.ts'

/** Long enough that the clock and the turn of the event loop after it cost nothing. */
const SAMPLE_MS = 2
const MOST_CALLS = 65_536
const NS_PER_MS = 1_000_000
/** So often the two are measured in turn, after a first time that only warms up. */
const TURNS = 4
/** The compiler is done by then. */
const WARM_UP_MS = 40

type Timer = () => Promise<number>

interface Pair {
  readonly ns: number
  readonly bareNs: number
}

/**
 * The time of a call, and that of a bare call measured beside it, a moment before and after: what slows the machine down
 * for a second slows both, and the ratio stays.
 */
export async function timeBeside(bare: Loop, loop: Loop, budgetMs: number, step: number): Promise<Figures> {
  const timeBare = await timerOf(bare, budgetMs / TURNS / 2, step)
  const time = await timerOf(loop, budgetMs / TURNS / 2, step)
  await bareFirst(timeBare, time)
  const pairs: Pair[] = []
  for (let i = 0; i < TURNS; i++) pairs.push(await (i % 2 === 0 ? bareFirst : bareLast)(timeBare, time))
  return {
    ns: median(pairs.map(({ ns }) => ns)),
    bareNs: median(pairs.map(({ bareNs }) => bareNs)),
    ofBare: median(pairs.map(({ ns, bareNs }) => ns / bareNs)),
  }
}

async function bareFirst(timeBare: Timer, time: Timer): Promise<Pair> {
  const bareNs = await timeBare()
  return { bareNs, ns: await time() }
}

async function bareLast(timeBare: Timer, time: Timer): Promise<Pair> {
  const ns = await time()
  return { ns, bareNs: await timeBare() }
}

/** The median sample. Timers are served between samples, as in a program that also waits for something. */
async function timerOf(loop: Loop, budgetMs: number, step: number): Promise<Timer> {
  const calls = await callsPerSample(loop, step)
  await warmUp(loop, calls)
  const sample = async (): Promise<void> => {
    await loop(calls)
    await turn()
  }
  return async () =>
    (await measure(sample, { min_cpu_time: budgetMs * NS_PER_MS, min_samples: 3 })).p50 / calls
}

async function warmUp(loop: Loop, calls: number): Promise<void> {
  for (let spent = 0; spent < WARM_UP_MS;) spent += await milliseconds(loop, calls)
}

async function callsPerSample(loop: Loop, step: number): Promise<number> {
  let calls = step
  while (calls < MOST_CALLS && (await milliseconds(loop, calls)) < SAMPLE_MS) calls *= 2
  return calls
}

async function milliseconds(loop: Loop, calls: number): Promise<number> {
  const start = performance.now()
  await loop(calls)
  return performance.now() - start
}
