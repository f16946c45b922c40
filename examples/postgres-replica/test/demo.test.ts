import { eventually } from '@failover/testkit'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DemoRun } from './support/run-demo.ts'

const LIMIT_MS = 60_000

/** What is left behind is looked for in /proc; the demo runs its sources as they are, on Node 24 or newer. */
const canRun = existsSync('/proc/self/environ') && Number.parseInt(process.versions.node, 10) >= 24

describe.skipIf(!canRun)('the demo', () => {
  test('shows both failovers and both recoveries, fails no read of ours, and leaves nothing behind', async () => {
    using run = new DemoRun()
    await eventually(() => run.output !== '', { what: 'the first line' })
    const startedAt = performance.now()
    await eventually(() => run.output.includes('both applications read'), { timeoutMs: LIMIT_MS })
    expect(run.remains().length).toBeGreaterThan(4)
    const status = await run.ended()
    expect(run.output).toContain('PASS: the failover pool failed no read')
    expect(status).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS)
    expectSummary(run.output)
    await expectNothingLeft(run)
  })

  test.each([
    ['sets up', 'starting a primary'],
    ['starts its applications', 'starting the application twice'],
    ['has killed the replica', 'reads from the primary'],
    ['has frozen the replica', 'SIGSTOP, connections open'],
  ])('leaves nothing behind when Ctrl-C comes while it %s', async (_what, line) => {
    using run = new DemoRun()
    await eventually(() => run.output.includes(line), { what: line, timeoutMs: LIMIT_MS })
    expect(run.remains()).not.toEqual([])
    process.kill(-run.pid, 'SIGINT')
    expect(await run.ended()).toBe(130)
    expect(run.output).toContain('ended by SIGINT')
    await expectNothingLeft(run)
  })

  test('leaves nothing behind when it is killed itself', async () => {
    using run = new DemoRun()
    await eventually(() => run.output.includes('both applications read'), { timeoutMs: LIMIT_MS })
    process.kill(run.pid, 'SIGKILL')
    expect(await run.ended()).toBe('SIGKILL')
    await expectNothingLeft(run)
  })
})

function expectSummary(output: string): void {
  const rows = ['Reads sent', 'Reads served', 'Reads failed', 'Added while killed', 'Added while frozen']
  for (const row of [...rows, 'Kill noticed after', 'Freeze noticed after', 'Back after the restart'])
    expect(output).toMatch(new RegExp(`│ ${row} +│ [^│]*\\d[^│]* │ [^│]*\\d[^│]* │`))
  expect(output).toMatch(/│ Reads failed +│ [1-9]\d* \([^)]*\) +│ 0 +│/)
}

/** The testkit's watchdog learns of our end by a closed pipe: it may be a moment late. */
async function expectNothingLeft(run: DemoRun): Promise<void> {
  await eventually(() => expect(run.remains()).toEqual([]), { timeoutMs: 2_000 })
}
