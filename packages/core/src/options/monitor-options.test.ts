import { describe, expect, test } from 'vitest'
import { InvalidOptionError, Service, ServiceMonitor, type ServiceMonitorOptions } from '../index.ts'

describe.each<[keyof ServiceMonitorOptions, unknown[]]>([
  ['pingIntervals', [1, { outageMs: 1.5 }, { unknown: 1 }]],
  ['outageLogIntervalMs', [0, -1, Infinity, '1']],
  ['logger', [1, {}, null, { error: () => {}, warn: () => {} }]],
  ['classify', ['x', 1]],
  ['outageErrors', [1, 'x', [[1]], [['']], [[null]]]],
  ['services', [1, {}, 'x']],
  ['background', [0, 'no']],
  ['enabled', [0, 'no']],
  ['clock', [1, {}, { now: () => 1 }]],
])('%s', (option, badValues) => {
  test.each(badValues)('%s is refused', (value) => {
    expect(() => new ServiceMonitor({ [option]: value })).toThrow(InvalidOptionError)
  })
})

test('a plain object as settings is refused with what to do', () => {
  expect(() => new ServiceMonitor({ settings: {} })).toThrow(/createSettings/)
})

test('an unknown option is refused', () => {
  expect(() => new ServiceMonitor({ interval: 1 } as ServiceMonitorOptions)).toThrow(
    /ServiceMonitor.interval/,
  )
})

test('FAILOVER_DISABLED=1 disables, unless enabled says otherwise', async () => {
  process.env['FAILOVER_DISABLED'] = '1'
  try {
    let pings = 0
    const service = (): Service => new Service({ name: 's', ping: () => void (pings += 1) })
    await new ServiceMonitor({ logger: false, services: [service()] }).pingDue()
    expect(pings).toBe(0)
    const enabled = new ServiceMonitor({ logger: false, enabled: true, services: [service()] })
    await enabled.pingDue()
    expect(pings).toBe(1)
    await enabled.close()
  } finally {
    delete process.env['FAILOVER_DISABLED']
  }
})

test.each<[string, (monitor: ServiceMonitor) => unknown]>([
  ['hold', (monitor) => monitor.hold('nobody', 'open')],
  ['unhold', (monitor) => monitor.unhold('nobody')],
  ['unregister', (monitor) => monitor.unregister('nobody')],
  ['reportError', (monitor) => monitor.reportError(new Error('x'), { service: 'nobody' })],
])('%s of an unknown service names it and those that are known', (_what, call) => {
  const monitor = new ServiceMonitor({
    logger: false,
    services: [new Service({ name: 'known', ping: () => {} })],
  })
  expect(() => call(monitor)).toThrow(
    expect.objectContaining({
      code: 'ERR_UNKNOWN_SERVICE',
      message: expect.stringMatching(/nobody.*"known"/),
    }),
  )
  void monitor.close()
})

test('a class whose constructor throws, and what is no service, are refused with their own codes', () => {
  const monitor = new ServiceMonitor({ logger: false })
  class Broken extends Service {
    constructor() {
      super()
      throw new Error('bug')
    }
  }
  expect(() => monitor.register(Broken)).toThrow(
    expect.objectContaining({
      code: 'ERR_SERVICE_CONSTRUCTOR',
      cause: expect.objectContaining({ message: 'bug' }),
    }),
  )
  expect(() => monitor.register({} as Service)).toThrow(expect.objectContaining({ code: 'ERR_SERVICE_KIND' }))
  expect(() => monitor.hold('x', 'shut' as 'open')).toThrow(/"open" or "closed" or "observe"/)
})
