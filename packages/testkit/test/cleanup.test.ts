import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'

import { afterEach, describe, expect, test } from 'vitest'

import { eventually } from '../src/index.ts'
import { abandonedSegments } from '../src/shared-memory.ts'
import { livingProcesses } from './support/living-processes.ts'

interface Report {
  readonly directory: string
  readonly pids: number[]
}

const FIXTURE = join(import.meta.dirname, 'fixtures', 'start-and-report.ts')

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

async function start(...args: string[]): Promise<{ child: ChildProcess; report: Report }> {
  const child = spawn(process.execPath, [FIXTURE, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // A process group, as a shell makes one: Ctrl-C reaches all of it.
    detached: true,
    env: { PATH: process.env['PATH'] },
  })
  children.push(child)
  const report = await firstReport(child.stdout)
  return { child, report }
}

async function firstReport(output: NodeJS.ReadableStream): Promise<Report> {
  for await (const line of createInterface({ input: output })) return JSON.parse(line) as Report
  throw new Error('the fixture ended without a report')
}

function expectNothingLeft({ pids, directory }: Report): void {
  expect(pids.length).toBeGreaterThan(1)
  expect(livingProcesses(pids)).toEqual([])
  expect(existsSync(directory)).toBe(false)
  expect(abandonedSegments(new Set(pids))).toEqual([])
}

const endOf = async (child: ChildProcess) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.signalCode ?? child.exitCode
}

describe('when its starter is gone, nothing is left of a server: the starter', () => {
  test.each([
    ['throws', 'throw', 1],
    ['leaves a rejection unhandled', 'reject', 1],
    ['exits', 'exit', 3],
    ['has nothing more to do', 'return', 0],
  ])('%s', async (_name, ending, code) => {
    const { child, report } = await start(ending)
    expect(await endOf(child)).toBe(code)
    expectNothingLeft(report)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is ended by %s', async (signal) => {
    const { child, report } = await start('wait')
    expect(livingProcesses(report.pids)).not.toEqual([])
    child.kill(signal)
    expect(await endOf(child)).toBe(signal)
    expectNothingLeft(report)
  })

  test('is ended with its whole process group, as by Ctrl-C', async () => {
    const { child, report } = await start('wait')
    process.kill(-(child.pid ?? NaN), 'SIGINT')
    expect(await endOf(child)).toBe('SIGINT')
    expectNothingLeft(report)
  })

  test('is ended by SIGINT while the server is frozen', async () => {
    const { child, report } = await start('wait', 'frozen')
    child.kill('SIGINT')
    expect(await endOf(child)).toBe('SIGINT')
    expectNothingLeft(report)
  })
})

describe('soon after its starter is gone, the watchdog has left nothing of a server: the starter', () => {
  test.each(['running', 'frozen'])('is ended by SIGKILL while the server is %s', async (state) => {
    const { child, report } = await start('wait', state)
    child.kill('SIGKILL')
    expect(await endOf(child)).toBe('SIGKILL')
    await eventually(() => expectNothingLeft(report))
  })

  test('is a worker thread that is terminated', async () => {
    const worker = new Worker(FIXTURE, { argv: ['wait'], stdout: true, execArgv: [], env: {} })
    const report = await firstReport(worker.stdout)
    await worker.terminate()
    await eventually(() => expectNothingLeft(report))
  })
})
