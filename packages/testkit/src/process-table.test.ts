import { expect, test } from 'vitest'

import { identify, parseStat, processTable } from './process-table.ts'

test('finds ourselves', () => {
  expect(processTable()).toContainEqual(expect.objectContaining({ pid: process.pid, parent: process.ppid }))
})

test('a process that is not there has no identity that could match', () => {
  expect(identify(2 ** 30)).toEqual({ pid: 2 ** 30, startedAt: 'gone' })
})

const statOf = (state: string, terminal: string) =>
  `7 (a) b (c) ${state} 3 7 7 ${terminal} -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0`

test.each([
  ['a living process', statOf('S', '0'), [{ pid: 7, parent: 3, hasTerminal: false, startedAt: '4711' }]],
  [
    'one with a terminal',
    statOf('T', '34816'),
    [{ pid: 7, parent: 3, hasTerminal: true, startedAt: '4711' }],
  ],
  ['a zombie', statOf('Z', '0'), []],
])('parses %s', (_name, stat, rows) => {
  expect(parseStat(7, stat)).toEqual(rows)
})
