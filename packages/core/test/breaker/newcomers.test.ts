/* What people who met the breaker for the first time stumbled over. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CircuitBreaker, consecutiveFailures, failfast, Service, ServiceMonitor } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

let warnings: string[] = []
beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)))
})
afterEach(() => vi.restoreAllMocks())

const make = (options: object = {}): CircuitBreaker =>
  new CircuitBreaker({ name: 'api', tripRule: consecutiveFailures(2), clock: new FakeClock(), ...options })

const hangs = (): Promise<never> => new Promise(() => {})

test('a server that hangs opens the circuit also where the caller brings the timeout', async () => {
  const breaker = make()
  for (let call = 0; call < 2; call += 1) {
    const caller = new AbortController()
    const running = breaker.run(hangs, { signal: caller.signal })
    caller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    await expect(running).rejects.toBe(caller.signal.reason)
  }
  expect(breaker.state).toBe('open')
})

test('a client that can be called keeps its methods', () => {
  const client = Object.assign(() => 'called', { get: () => 'got' })
  const guarded = make().wrap(client)
  expect([guarded(), guarded.get(), guarded.length]).toEqual(['called', 'got', 0])
})

describe('a predicate that is async is not waited for: it is told once, and the default holds', () => {
  test('of results', () => {
    const breaker = make({ isFailureResult: async () => false })
    for (let call = 0; call < 5; call += 1) breaker.call(() => 'well')
    expect([breaker.state, warnings.length]).toEqual(['closed', 1])
    expect(warnings[0]).toContain('isFailureResult of api failed: TypeError: it answered with a promise')
  })

  test('of errors', () => {
    const breaker = make({ isFailure: async () => false })
    const fail = breaker.wrap((): never => {
      throw new Error('down')
    })
    expect(fail).toThrow('down')
    expect(fail).toThrow('down')
    expect([breaker.state, warnings.length]).toEqual(['open', 1])
  })
})

test('a rule that starts nothing trips nothing, and is told', () => {
  const breaker = make({ tripRule: { description: 'mine', start: () => 5 } })
  const fail = breaker.wrap((): never => {
    throw new Error('down')
  })
  for (let call = 0; call < 5; call += 1) expect(fail).toThrow('down')
  expect(breaker.state).toBe('closed')
  expect(warnings).toHaveLength(1)
})

test.each([
  ['open', () => {}, 'event must be one of'],
  ['circuit-changed', undefined, 'listener must be a function'],
  ['circuit-changed', 'x', 'listener must be a function'],
])('on(%j, %j) is refused', (event, listener, message) => {
  expect(() => make().on(event as never, listener as never)).toThrow(message)
  expect(() => new ServiceMonitor({ logger: false }).on(event as never, listener as never)).toThrow(message)
})

test.each([
  [undefined, { name: 'x' }],
  ['name', 300],
  [5, undefined],
  [null, undefined],
])('failfast(%j, %j) is refused at once', (...args) => {
  expect(() => Reflect.apply(failfast, undefined, args)).toThrow(/must be (a function|an object)/)
})

test('a breaker needs the name of its service', () => {
  const monitor = new ServiceMonitor({ logger: false })
  expect(() => monitor.breaker(undefined as never)).toThrow('name must be')
  expect(monitor.health().services).toEqual({})
})

test('a service without a name of its own is refused', () => {
  const monitor = new ServiceMonitor({ logger: false })
  expect(() => monitor.register(new Service({ ping: () => {} }))).toThrow('name must be')
})

test('what an operator says is told without secrets', () => {
  const clock = new FakeClock()
  const breaker = make({ clock })
  let told = ''
  breaker.on('hold-changed', (event) => (told = JSON.stringify(event)))
  breaker.hold('open', { reason: 'password=hunter2 moved to https://app:hunter2@db', author: 'ada' })
  expect(told).toContain('ada')
  expect(told).not.toContain('hunter2')
})

test('a breaker that was closed while it was open says what it does: calls pass', () => {
  const breaker = make()
  breaker.hold('open')
  expect(breaker.state).toBe('open')
  breaker.close()
  expect([breaker.state, breaker.call(() => 'well')]).toEqual(['closed', 'well'])
})
