import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

// In a process of its own: the test runner listens for crashes too, and would fail this run.
const run = (mode: string) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'fixtures', 'crash-twice.ts'), mode])

test('records what would have crashed the process', async () => {
  expect((await run('quiet')).stdout).toBe('rejected,thrown\n')
})

test('ends with its disposal', async () => {
  await expect(run('after')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('after the watch'),
  })
})
