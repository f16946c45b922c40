import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { failed } from '../test/support/reads.ts'
import { Board } from './board.ts'
import { reportOf } from './report.ts'
import { Stopped } from './stopping.ts'

const textOf = (board: Board, failure?: unknown): string =>
  stripVTControlCharacters(reportOf(board, failure).text)

function boardOfOneFailedRead(): Board {
  const board = new Board(0)
  board.meters.failover.sent = 1
  board.read(failed('failover', 0))
  return board
}

test('sums up a demo that failed, and says why', () => {
  const board = boardOfOneFailedRead()
  expect(reportOf(board, undefined).status).toBe(1)
  expect(textOf(board)).toContain('Reads failed')
  expect(textOf(board)).toContain('FAIL: 1 reads failed, the last with: refused')
})

test('does not pass when a demo without a read ends by itself', () => {
  expect(reportOf(new Board(0), undefined).status).toBe(1)
})

test('says only what went wrong before the first read', () => {
  expect(textOf(new Board(0), new Error('no PostgreSQL'))).toBe('FAIL: no PostgreSQL')
})

test('ends with the status of the signal that ended it', () => {
  expect(reportOf(boardOfOneFailedRead(), new Stopped('SIGTERM')).status).toBe(143)
})
