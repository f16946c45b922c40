import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { answered, failed } from '../test/support/reads.ts'
import { Board } from './board.ts'
import { conditions, objections, summaryTable } from './summary.ts'

/** A demo in which all went well for us. */
function goodBoard(): Board {
  const board = new Board(0)
  for (const app of ['plain', 'failover'] as const) board.read(answered(app, 500, 2))
  for (const kind of ['kill', 'freeze'] as const) {
    board.faults.strike(kind, 1_000)
    board.read(failed('plain', 1_005, 5))
    board.hear('failover', { type: 'switched', from: 'replica', to: 'primary', at: 1_040 })
    board.read(answered('failover', 1_100, 20, 'primary'))
    board.faults.mend(2_000)
    board.hear('failover', { type: 'switched', from: 'primary', to: 'replica', at: 4_500 })
    board.read(answered('plain', 4_600, 2))
  }
  return board
}

const rowOf = (board: Board, title: string): string[] => {
  const line = stripVTControlCharacters(summaryTable(board))
    .split('\n')
    .find((text) => text.includes(title))
  return (line ?? '').split('│').map((cell) => cell.trim())
}

test('states the numbers of both', () => {
  const board = goodBoard()
  expect(rowOf(board, 'Reads failed').slice(2, 4)).toEqual(['2 (40.0 %)', '0'])
  expect(rowOf(board, 'Kill noticed after').slice(2, 4)).toEqual(['10 ms (a read failed)', '40 ms'])
  expect(rowOf(board, 'Back after the restart').slice(2, 4)).toEqual(['2.60 s', '2.50 s'])
  expect(rowOf(board, 'Added while killed')[3]).toBe('18 ms / 18 ms')
})

test('says so where nothing was seen', () => {
  const board = new Board(0)
  expect(rowOf(board, 'Freeze noticed after').slice(2, 4)).toEqual(['not seen', 'not seen'])
  expect(rowOf(board, 'Latency while all is well').slice(2, 4)).toEqual(['not seen', 'not seen'])
})

test('fits a terminal of 80 columns', () => {
  const lines = stripVTControlCharacters(summaryTable(goodBoard())).split('\n')
  for (const line of [...lines, ...conditions()]) expect(line.length).toBeLessThanOrEqual(80)
})

test('names the settings of both', () => {
  const text = conditions().join('\n')
  expect(text).toContain('connectionTimeoutMillis 2000, query_timeout 2000')
  expect(text).toContain('holdDownMs 2000 (default 10000)')
})

test('has no objection when nothing failed and all was seen', () => {
  expect(objections(goodBoard())).toEqual([])
})

test('objects to one failed read', () => {
  const board = goodBoard()
  board.read(failed('failover', 5_000))
  expect(objections(board)).toEqual(['1 reads failed, the last with: refused'])
})

test('objects to each failover and recovery that was not seen', () => {
  expect(objections(new Board(0))).toEqual([
    'no failover was seen after the kill',
    'no recovery was seen after the kill',
    'no failover was seen after the freeze',
    'no recovery was seen after the freeze',
  ])
})
