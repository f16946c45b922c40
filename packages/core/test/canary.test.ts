import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  createSettings,
  describeError,
  HttpService,
  MisconfiguredError,
  Service,
  ServiceMonitor,
} from '../src/index.ts'
import { EventRecorder, FakeClock, LogRecorder } from '../src/testing/index.ts'

const CANARY = 'c4n4ry-hunter2'

const secretive: [string, () => unknown][] = [
  ['a URL in a message', () => new Error(`cannot reach postgres://app:${CANARY}@db:5432/app`)],
  ['a password in a message', () => new Error(`login failed: password=${CANARY}`)],
  ['a URL in a cause', () => new Error('outer', { cause: new Error(`https://u:${CANARY}@host/`) })],
  ['an invalid URL', () => thrownBy(() => new URL(`postgres//app:${CANARY}@db`))],
  [
    'command arguments, as ioredis keeps them',
    () => Object.assign(new Error('NOAUTH'), { command: { args: [CANARY] } }),
  ],
  ['a configuration on the error', () => Object.assign(new Error('x'), { config: { password: CANARY } })],
  [
    'a misconfiguration',
    () => new MisconfiguredError(`refused amqp://u:${CANARY}@mq`, { cause: new Error(CANARY) }),
  ],
]

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

test.each(secretive)('%s shows up nowhere', async (_what, makeError) => {
  const clock = new FakeClock()
  const logger = new LogRecorder()
  const settings = createSettings<Record<string, unknown>>({ url: `redis://:${CANARY}@cache` })
  const monitor = new ServiceMonitor({ clock, logger, settings, outageLogIntervalMs: 60_000 })
  const events = new EventRecorder(monitor)
  const fails = (): never => {
    throw makeError()
  }
  const failing = {
    ping: fails,
    failover: fails,
    recover: fails,
    failoverSettings: { url: `redis://:${CANARY}@other` },
  }
  const service = new Service({ name: 'secretive', jitter: 0, ...failing })
  const http = new HttpService({ name: 'http', url: `http://u:${CANARY}@127.0.0.1:1/`, jitter: 0 })
  monitor.register(service)
  await clock.advance(10 * 60_000)
  monitor.reportError(makeError())
  const outputs = [
    logger.lines,
    events.events,
    monitor.health(),
    monitor,
    service,
    http,
    describeError(makeError()),
  ]
  const text = outputs.map((output) => inspect(output, { depth: 10 }) + JSON.stringify(output)).join('\n')
  expect(events.events.length).toBeGreaterThan(0)
  expect(text).not.toContain(CANARY)
})
