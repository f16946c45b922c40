import assert from 'node:assert/strict'
import { systemClock } from '../clock/system-clock.ts'
import { CircuitOpenError } from '../errors.ts'
import type { Service } from '../service.ts'
import { ServiceMonitor } from '../service-monitor.ts'

/** What of a test runner the contracts use; vitest's, node:test's and Jest's all fit. */
export interface ContractRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
}

/** A service and the server behind it, which the contract kills, hangs and brings back. */
export interface ServiceHarness {
  /** A new, unregistered service each time, that asks this server. */
  makeService(): Service
  /** The server refuses connections from now on. */
  kill(): Promise<void>
  /** The server accepts connections and never answers. */
  hang(): Promise<void>
  /** The server answers again, after `kill` or `hang`. */
  restore(): Promise<void>
  dispose(): Promise<void>
}

export interface ServiceContract {
  /** What is tested, for the names of the tests. */
  readonly name: string
  start(): Promise<ServiceHarness>
  /** Errors of the driver that say nothing about the server: bad input, refused statements. */
  readonly applicationErrors?: () => readonly unknown[]
  /** Why hanging cannot be tested; the default ping, which only connects, cannot see it. */
  readonly cannotHang?: string
}

/** Bounds every wait of the contract. */
const PATIENCE_MS = 10_000
const PING_TIMEOUT_MS = 300

/**
 * What every service must keep, in bad weather above all: an adapter passes this suite before it is worth anything.
 * Each test has a server of its own.
 */
export function serviceContract({ describe, test }: ContractRunner, contract: ServiceContract): void {
  const withServer = (body: (harness: ServiceHarness) => Promise<void>) => async (): Promise<void> => {
    const harness = await contract.start()
    try {
      await body(harness)
    } finally {
      await harness.dispose()
    }
  }
  describe(`${contract.name}: service contract`, () => {
    test('a healthy server passes', withServer(healthyPasses))
    test('a dead server fails, and passes again when it is back', withServer(deadFails))
    if (contract.cannotHang === undefined)
      test('a silent server fails at the deadline', withServer(silentFails))
    if (contract.cannotHang === undefined)
      test('a ping ends at once when it is aborted', withServer(abortEnds))
    test('a hundred pings of a dead server leave no socket', withServer(leavesNothing))
    test('errors of the application are no outage', async () => classifies(contract))
    test('errors of the library itself are no outage', withServer(ownErrorsAreNoOutage))
    test('a disabled monitor asks nothing', withServer(disabledAsksNothing))
    test('its options are not changed by being used', withServer(optionsStay))
  })
}

async function ping(service: Service, timeoutMs = PATIENCE_MS): Promise<unknown> {
  const abort = new AbortController()
  const timer = systemClock.startTimer(() => abort.abort(new Error('aborted by the contract')), timeoutMs, {
    keepAlive: true,
  })
  try {
    await service.ping({ signal: abort.signal })
    return undefined
  } catch (error) {
    return error ?? new Error('rejected with nothing')
  } finally {
    timer.cancel()
  }
}

async function healthyPasses(harness: ServiceHarness): Promise<void> {
  assert.equal(await ping(harness.makeService()), undefined)
}

async function deadFails(harness: ServiceHarness): Promise<void> {
  const service = harness.makeService()
  await harness.kill()
  assert.ok(await ping(service), 'a ping of a dead server must reject')
  await harness.restore()
  assert.equal(await ping(service), undefined)
}

/** Through a monitor, as in an application: whatever the driver does, the deadline holds. */
async function silentFails(harness: ServiceHarness): Promise<void> {
  await harness.hang()
  const { service } = withTimeout(harness.makeService())
  const monitor = new ServiceMonitor({ logger: false, background: false, services: [service] })
  const startedAt = systemClock.now()
  await monitor.pingDue()
  assert.equal(monitor.health().services[service.name]?.lastPing, 'failed')
  assert.ok(systemClock.now() - startedAt < PATIENCE_MS)
  await monitor.close()
}

function withTimeout(service: Service): { service: Service } {
  Object.defineProperty(service, 'pingTimeoutMs', {
    value: PING_TIMEOUT_MS,
    configurable: true,
    writable: true,
  })
  return { service }
}

async function abortEnds(harness: ServiceHarness): Promise<void> {
  await harness.hang()
  const startedAt = systemClock.now()
  assert.ok(await ping(harness.makeService(), 100))
  assert.ok(systemClock.now() - startedAt < PATIENCE_MS, 'an aborted ping must end')
}

async function leavesNothing(harness: ServiceHarness): Promise<void> {
  await harness.kill()
  const service = harness.makeService()
  const before = sockets()
  for (let count = 0; count < 100; count += 1) await ping(service)
  for (let patience = 0; patience < 1_000 && sockets() > before; patience += 1) await systemClock.turns(10)
  assert.ok(sockets() <= before, `${sockets() - before} sockets were left`)
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.includes('TCP') || kind.includes('Pipe'))
    .length
}

async function classifies({ applicationErrors = () => [], start }: ServiceContract): Promise<void> {
  const harness = await start()
  const classify = classifierOf(harness.makeService())
  for (const error of applicationErrors()) assert.notEqual(classify(error), 'outage', String(error))
  await harness.dispose()
}

async function ownErrorsAreNoOutage(harness: ServiceHarness): Promise<void> {
  const classify = classifierOf(harness.makeService())
  assert.equal(classify(new CircuitOpenError('service', 1)), 'application')
  return Promise.resolve()
}

function classifierOf(service: Service): (error: unknown) => unknown {
  return service.classify?.bind(service) ?? (() => 'application')
}

async function disabledAsksNothing(harness: ServiceHarness): Promise<void> {
  await harness.kill()
  const service = harness.makeService()
  const monitor = new ServiceMonitor({ logger: false, enabled: false, services: [service] })
  await monitor.pingDue()
  assert.equal(monitor.health().services[service.name]?.lastPing, 'none')
  await monitor.close()
}

async function optionsStay(harness: ServiceHarness): Promise<void> {
  const service = harness.makeService()
  const before = { ...service }
  const monitor = new ServiceMonitor({ logger: false, background: false, services: [service] })
  await monitor.pingDue()
  await monitor.close()
  assert.deepEqual({ ...service }, before)
}
