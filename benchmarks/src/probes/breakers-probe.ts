/* Ten thousand breakers, as in a process that guards every host or tenant: what they hold, and what they do while idle. */
import { createHook } from 'node:async_hooks'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { failsWhenNegative } from '../subjects/tasks.ts'
import type { Subject } from '../subjects/subject.ts'
import type { Figures } from '../cells/cell.ts'
import { bytesInUse } from './heap.ts'

const BREAKERS = 10_000
const WARM_UP = 1_000
const SUCCESSES = 18
const US_PER_MS = 1_000

export async function holdBreakers(subject: Subject, idleMs: number): Promise<Figures> {
  await warmUp(subject)
  const breakers = new Array<object>(BREAKERS).fill(subject)
  const before = await bytesInUse()
  const makeUs = fill(breakers, subject)
  const bytesEach = async (): Promise<number> => ((await bytesInUse()) - before) / BREAKERS
  const fresh = await bytesEach()
  await callEach(breakers, subject)
  const afterOne = await bytesEach()
  await callEachManyTimes(breakers, subject)
  const afterTwenty = await bytesEach()
  return { fresh, afterOne, afterTwenty, makeUs, idleCpu: await cpuShareOver(idleMs), kept: breakers.length }
}

/** In a process of its own, because a hook on everything asynchronous makes calls slow. Unref'd timers count as well. */
export async function countTimers(subject: Subject, idleMs: number): Promise<Figures> {
  const alive = watchTimers()
  const breakers = new Array<object>(BREAKERS).fill(subject)
  fill(breakers, subject)
  await callEach(breakers, subject)
  await destroyed()
  const busy = alive()
  await sleep(idleMs)
  await destroyed()
  const holding = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length
  return { busy, idle: alive(), holding, kept: breakers.length }
}

async function warmUp(subject: Subject): Promise<void> {
  const breakers = new Array<object>(WARM_UP).fill(subject)
  fill(breakers, subject)
  await callEachManyTimes(breakers, subject)
  for (const breaker of breakers) subject.dispose?.(breaker)
}

function fill(breakers: object[], subject: Subject): number {
  const start = performance.now()
  for (let i = 0; i < breakers.length; i++) breakers[i] = subject.make(failsWhenNegative)
  return ((performance.now() - start) * US_PER_MS) / breakers.length
}

async function callEach(breakers: readonly object[], subject: Subject): Promise<void> {
  for (const breaker of breakers) await subject.guard(breaker, failsWhenNegative)(1)
}

/** Up to twenty calls; one of them fails. */
async function callEachManyTimes(breakers: readonly object[], subject: Subject): Promise<void> {
  for (const breaker of breakers) {
    const call = subject.guard(breaker, failsWhenNegative)
    for (let i = 0; i < SUCCESSES; i++) await call(i)
    await call(-1).catch(() => 0)
  }
}

async function cpuShareOver(idleMs: number): Promise<number> {
  const start = performance.now()
  const before = process.cpuUsage()
  await sleep(idleMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / US_PER_MS / (performance.now() - start)
}

/** What was cleared is reported a little later. */
async function destroyed(): Promise<void> {
  await turn()
  await turn()
}

function watchTimers(): () => number {
  const alive = new Set<number>()
  createHook({
    init: (id, type) => {
      if (type === 'Timeout') alive.add(id)
    },
    destroy: (id) => alive.delete(id),
  }).enable()
  return () => alive.size
}
