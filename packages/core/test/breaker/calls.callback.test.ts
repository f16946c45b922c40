import { exec } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { CircuitOpenError, InvalidOptionError } from '../../src/index.ts'
import { gone, guard, guardHalfOpen, guardOpen } from './support.ts'

describe('wrapCallback', () => {
  type Callback = (error: unknown, ...results: unknown[]) => void

  /** What a function answers through its callback. */
  const answerOf = (start: (callback: Callback) => void): Promise<unknown[]> =>
    new Promise((resolve) => start((...answer) => resolve(answer)))

  test('keeps this, arguments, every result, name, length and what is returned', async () => {
    const { breaker } = guard()
    const read = function (this: { root: string }, path: string, callback: Callback): string {
      callback(null, this.root + path, 'more')
      return 'handle'
    }
    const guarded = breaker.wrapCallback(read)
    let returned: unknown
    const answer = await answerOf(
      (callback) => (returned = guarded.call({ root: '/etc' }, '/hosts', callback)),
    )
    expect(answer).toEqual([null, '/etc/hosts', 'more'])
    expect([returned, guarded.name, guarded.length]).toEqual(['handle', 'read', 2])
  })

  test('counts errors, and refuses through the callback', async () => {
    const { breaker } = guard()
    let calls = 0
    const read = breaker.wrapCallback((callback: Callback) => {
      calls += 1
      callback(gone)
    })
    expect(await answerOf(read)).toEqual([gone])
    expect(await answerOf(read)).toEqual([expect.any(CircuitOpenError)])
    expect(calls).toBe(1)
  })

  test('never calls back before it has returned, nor twice', async () => {
    const { breaker } = guard()
    const log: string[] = []
    const read = breaker.wrapCallback((callback: Callback) => {
      callback(null)
      callback(null)
      callback(gone)
    })
    read(() => void log.push('called back'))
    log.push('returned')
    await new Promise((resolve) => setImmediate(resolve))
    expect(log).toEqual(['returned', 'called back'])
    expect(breaker.state).toBe('closed')
  })

  test('throws what the function throws at once, counts it, and does not call back', async () => {
    const { breaker } = guard()
    let called = 0
    const read = breaker.wrapCallback((_callback: Callback) => {
      throw gone
    })
    expect(() => read(() => (called += 1))).toThrow(gone)
    await new Promise((resolve) => setImmediate(resolve))
    expect(called).toBe(0)
    expect(breaker.state).toBe('open')
  })

  test('passes results on that come along with an error, as those of exec do', async () => {
    const { breaker } = guard()
    const guarded = breaker.wrapCallback(exec)
    const answer = await answerOf((callback) => guarded('echo partial; exit 3', callback))
    expect(answer).toEqual([expect.objectContaining({ code: 3 }), 'partial\n', ''])
  })

  test('answers with CallTimeoutError when the callback does not come in time, and drops it when it does', async () => {
    const { clock, breaker } = guard({ timeoutMs: 100 })
    let callBack: Callback | undefined
    const answers: unknown[][] = []
    const read = breaker.wrapCallback((callback: Callback) => void (callBack = callback))
    read((...answer) => answers.push(answer))
    await clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
    callBack?.(null, 'late')
    await new Promise((resolve) => setImmediate(resolve))
    expect(answers).toEqual([[expect.objectContaining({ code: 'ERR_CALL_TIMEOUT' })]])
  })

  test('answers a refusal with what the fallback says', async () => {
    const { breaker } = await guardOpen({ fallback: () => 'cached' })
    const read = breaker.wrapCallback((callback: Callback) => callback(null, 'fresh'))
    expect(await answerOf(read)).toEqual([null, 'cached'])
  })

  test('asks the fallback for no answer that nobody gets, also when the function throws at once', async () => {
    let asked = 0
    const answers: unknown[][] = []
    const { breaker } = guard({ fallback: () => (asked += 1) })
    const read = breaker.wrapCallback((_callback: Callback) => {
      throw gone
    })
    try {
      read((...answer) => answers.push(answer))
    } catch (error) {
      expect(error).toBe(gone)
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(answers).toHaveLength(asked)
  })

  test('says clearly that the callback is missing', () => {
    const { breaker } = guard()
    const read = breaker.wrapCallback((...args: unknown[]) => args)
    expect(() => read('path')).toThrow(InvalidOptionError)
  })
})

describe('tryAcquire', () => {
  test('gives no permit while the circuit is open', async () => {
    const { breaker } = await guardOpen()
    expect(breaker.tryAcquire()).toBeUndefined()
    expect(breaker.counts.refused).toBe(1)
  })

  test('counts what is said of the permit, once', async () => {
    const { breaker } = guard()
    const permit = breaker.tryAcquire()
    permit?.succeed()
    permit?.fail(gone)
    expect(breaker.state).toBe('closed')
    breaker.tryAcquire()?.fail(gone)
    expect(breaker.state).toBe('open')
  })

  test('closes by a trial that succeeds, and gives back one that is ignored', async () => {
    const { breaker } = await guardHalfOpen()
    const ignored = breaker.tryAcquire()
    expect(breaker.tryAcquire()).toBeUndefined()
    ignored?.ignore()
    ignored?.succeed()
    expect(breaker.state).toBe('half-open')
    breaker.tryAcquire()?.succeed()
    expect(breaker.state).toBe('closed')
  })

  test('does not count errors that are no failures', async () => {
    const { breaker } = guard({ isFailure: () => false })
    breaker.tryAcquire()?.fail(gone)
    expect(breaker.state).toBe('closed')
    expect(breaker.counts.ignored).toBe(1)
  })
})
