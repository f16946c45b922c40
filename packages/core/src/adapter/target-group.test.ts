import { expect, test } from 'vitest'
import { ServiceMonitor } from '../service-monitor.ts'
import { EventRecorder, FakeClock, ScriptedService } from '../testing/index.ts'
import { adapterPort } from './adapter-port.ts'
import type { TargetRole } from './failover-route.ts'
import { runOnTargets, type Outcome } from './run-on-targets.ts'
import { TargetGroup, type TargetGroupOptions } from './target-group.ts'
import type { Target } from './target.ts'

const BRISK = { monitoringMs: 5_000, outageMs: 2_000, errorMs: 500 }
const gone = new Error('gone')

async function setUp(options: Partial<TargetGroupOptions> = {}, roles: Record<string, TargetRole> = {}) {
  const clock = new FakeClock()
  const monitor = new ServiceMonitor({ clock, logger: false })
  const events = new EventRecorder(monitor)
  const opened: string[] = []
  const services = ['a', 'b'].map(
    (name) =>
      new ScriptedService({
        name,
        pingIntervals: BRISK,
        failuresToOpen: 2,
        pingTimeoutMs: 1_000,
        holdDownMs: 10_000,
      }),
  )
  const [a, b] = services as [ScriptedService, ScriptedService]
  for (const service of services) {
    Object.assign(service, { failover: undefined, recover: undefined })
    monitor.register(service)
  }
  const group = new TargetGroup({
    pool: 'pool',
    port: adapterPort(monitor),
    targets: services.map((service, tier) => ({
      name: service.name,
      tier,
      service,
      role: () => roles[service.name] ?? 'unknown',
    })),
    mode: 'read',
    failback: 'manual',
    suspectAfterMs: 250,
    lastResortMs: 2_000,
    onOpened: ({ name }) => opened.push(name),
    ...options,
  })
  await clock.advance(0)
  return { clock, monitor, events, group, a, b, opened, roles }
}

function served(target: Target): Promise<Outcome<string>> {
  return Promise.resolve({ ok: true, value: target.name })
}

const outage = { ok: false, error: gone, verdict: 'outage', isWeak: false, mayRepeat: true } as const

test('work moves to the next target on an outage, and back to the first only after its ping was good', async () => {
  const { clock, group, a } = await setUp()
  const attempt = (target: Target): Promise<Outcome<string>> =>
    target.name === 'a' && a.scripts.ping !== 'ok' ? Promise.resolve(outage) : served(target)
  a.scripts.ping = gone
  await clock.advance(500)
  expect(await runOnTargets(group, { attempt, waitMs: 0 })).toBe('b')
  const tried: string[] = []
  await runOnTargets(group, { attempt: (target) => (tried.push(target.name), attempt(target)), waitMs: 0 })
  expect(tried).toEqual(['b'])
})

test('a target that is down is left, announced once, and taken back after its hold-down', async () => {
  const { clock, group, a, events, opened } = await setUp()
  a.scripts.ping = gone
  await clock.advance(5_000 + 500)
  expect(group.active.name).toBe('b')
  expect(opened).toEqual(['a'])
  a.scripts.ping = 'ok'
  await clock.advance(9_000)
  expect(group.active.name).toBe('b')
  await clock.advance(3_000)
  expect(group.active.name).toBe('a')
  expect(events.events.filter(({ type }) => type === 'target-switched')).toMatchObject([
    { pool: 'pool', from: 'a', to: 'b' },
    { pool: 'pool', from: 'b', to: 'a' },
  ])
})

test('overdue work is cut when the ping that it caused fails; work that may not move only when the target is down', async () => {
  const { clock, group, a } = await setUp()
  await clock.advance(1_000)
  const cut: string[] = []
  const [target] = group.route() as [Target]
  group.begin(target, { isWaiting: false, mayMove: true, cut: () => cut.push('movable') })
  group.begin(target, { isWaiting: false, mayMove: false, cut: () => cut.push('transaction') })
  a.scripts.ping = 'hang'
  await clock.advance(250 + 999)
  expect(cut).toEqual([])
  await clock.advance(1)
  expect(cut).toEqual(['movable'])
  await clock.advance(1_000)
  expect(new Set(cut)).toEqual(new Set(['movable', 'transaction']))
})

test('slow work on a server that answers its ping is left alone', async () => {
  const { clock, group } = await setUp()
  const cut: string[] = []
  group.begin(group.active, { isWaiting: false, mayMove: true, cut: () => cut.push('slow') })
  await clock.advance(60_000)
  expect(cut).toEqual([])
})

test('what waits for a connection moves with the first failed ping, if there is somewhere to go', async () => {
  const { clock, group, a } = await setUp()
  const cut: string[] = []
  group.begin(group.active, { isWaiting: true, mayMove: true, cut: () => cut.push('waiting') })
  a.scripts.ping = gone
  await clock.advance(500)
  expect(cut).toEqual(['waiting'])
})

test('as a last resort work has its own time, whatever the pings say', async () => {
  const { clock, group, a, b } = await setUp()
  a.scripts.ping = b.scripts.ping = gone
  await clock.advance(10_000)
  const cut: string[] = []
  group.begin(group.active, { isWaiting: false, mayMove: true, cut: () => cut.push('last resort') })
  await clock.advance(1_999)
  expect(cut).toEqual([])
  await clock.advance(1)
  expect(cut).toEqual(['last resort'])
})

test('all targets down: the last error is the driver’s own; all held open: a CircuitOpenError', async () => {
  const { clock, group, monitor, a, b } = await setUp()
  a.scripts.ping = b.scripts.ping = gone
  await clock.advance(10_000)
  await expect(runOnTargets(group, { attempt: () => Promise.resolve(outage), waitMs: 0 })).rejects.toBe(gone)
  monitor.hold('a', 'open')
  monitor.hold('b', 'open')
  await expect(runOnTargets(group, { attempt: served, waitMs: 0 })).rejects.toMatchObject({
    code: 'ERR_CIRCUIT_OPEN',
  })
})

test.each(['application', 'saturated'] as const)('an error of kind %s goes nowhere else', async (verdict) => {
  const { group } = await setUp()
  let attempts = 0
  const attempt = (): Promise<Outcome<string>> => {
    attempts += 1
    return Promise.resolve({ ...outage, verdict })
  }
  await expect(runOnTargets(group, { attempt, waitMs: 0 })).rejects.toBe(gone)
  expect(attempts).toBe(1)
})

test('what may not run twice is not run again', async () => {
  const { group } = await setUp()
  const tried: string[] = []
  const attempt = (target: Target): Promise<Outcome<string>> => {
    tried.push(target.name)
    return Promise.resolve({ ...outage, mayRepeat: false })
  }
  await expect(runOnTargets(group, { attempt, waitMs: 0 })).rejects.toBe(gone)
  expect(tried).toEqual(['a'])
})

test('a write waits for somebody to become the writer, and no longer than it may', async () => {
  const { clock, group, roles } = await setUp({ mode: 'write' }, { a: 'reader', b: 'reader' })
  const waiting = runOnTargets(group, { attempt: served, waitMs: 2_000 })
  await clock.advance(700)
  roles['b'] = 'writer'
  await clock.advance(600)
  expect(await waiting).toBe('b')
  roles['b'] = 'reader'
  const hopeless = expect(runOnTargets(group, { attempt: served, waitMs: 2_000 })).rejects.toMatchObject({
    code: 'ERR_ACQUIRE_TIMEOUT',
    message: 'no connection to a writer of pool within 2000 ms',
  })
  await clock.advance(2_000)
  await hopeless
})

test('a working writer is not left for a more preferred one, unless that was asked for', async () => {
  for (const [failback, expected] of [
    ['manual', 'b'],
    ['automatic', 'a'],
  ] as const) {
    const { clock, group, roles } = await setUp({ mode: 'write', failback }, { a: 'reader', b: 'writer' })
    await clock.advance(5_000)
    expect(group.active.name).toBe('b')
    roles['a'] = 'writer'
    await clock.advance(5_000)
    expect(group.active.name).toBe(expected)
  }
})

test('where there is nowhere to go, what waits is left to the driver', async () => {
  const { clock, group, a, b } = await setUp({ suspectAfterMs: 60_000 })
  b.scripts.ping = gone
  await clock.advance(10_000)
  const cut: string[] = []
  group.begin(group.active, { isWaiting: true, mayMove: true, cut: () => cut.push('waiting') })
  a.scripts.ping = gone
  await clock.advance(10_000)
  expect(group.targets.map(({ circuit }) => circuit)).toEqual(['open', 'open'])
  expect(cut).toEqual([])
})

test('work on a target that answers is left alone, whatever its pings say', async () => {
  const { clock, monitor, a } = await setUp()
  a.scripts.ping = gone
  const answers = (): boolean => true
  const target = { name: 'a', tier: 0, service: a, answers }
  const lagging = new TargetGroup({
    pool: 'other',
    port: adapterPort(monitor),
    targets: [target],
    mode: 'read',
    failback: 'manual',
    suspectAfterMs: 250,
    lastResortMs: 2_000,
    onOpened: () => {},
  })
  const cut: string[] = []
  lagging.begin(lagging.active, { isWaiting: false, mayMove: true, cut: () => cut.push('slow') })
  await clock.advance(10_000)
  expect(lagging.active.circuit).toBe('open')
  lagging.begin(lagging.active, { isWaiting: false, mayMove: true, cut: () => cut.push('last resort') })
  await clock.advance(10_000)
  expect(cut).toEqual([])
})

test('once it is over nobody waits any more', async () => {
  const { group } = await setUp()
  const over = new Error('over')
  const waiting = expect(group.hurried(60_000)).rejects.toBe(over)
  group.cutWaiting(over)
  await waiting
  await expect(group.hurried(60_000)).rejects.toBe(over)
})

test('what was tried elsewhere before is judged as if it were tried here', async () => {
  const { group } = await setUp()
  const [target] = group.route() as [Target]
  const run = (failure: Partial<typeof outage>): Promise<string> =>
    runOnTargets(group, { attempt: served, waitMs: 0, after: { target, failure: { ...outage, ...failure } } })
  expect(await run({})).toBe('b')
  await expect(run({ verdict: 'application' } as never)).rejects.toBe(gone)
  await expect(run({ mayRepeat: false } as never)).rejects.toBe(gone)
})
