import { describe, expect, test } from 'vitest'
import { HttpService, InvalidOptionError, Service, ServiceMonitor, type ServiceOptions } from '../index.ts'

const valid = { name: 'search', host: 'localhost', port: 9200 }
const notDurations = [0, -1, 1.5, Infinity, Number.NaN, '1000', null, {}, 2 ** 60]

describe.each<[keyof ServiceOptions, unknown[]]>([
  ['name', ['', 0, null, 'x'.repeat(201), 'line\nbreak', 'bidi\u202e', {}]],
  ['host', ['', 0, null]],
  ['port', [0, -1, 65_536, 1.5, '80', Number.NaN]],
  ['path', ['', 0]],
  ['ping', ['ping', 1, null, {}]],
  ['failover', ['x', 1]],
  ['recover', ['x', 1]],
  ['failoverSettings', [1, 'x', null, [], JSON.parse('{"__proto__": 1}'), { constructor: 1 }]],
  ['pingTimeoutMs', notDurations],
  ['outagePingTimeoutMs', notDurations],
  [
    'pingIntervals',
    [1, null, [], { monitoringMs: -1 }, { outageMs: Infinity }, { errorMs: '5' }, { monitoring: 1 }],
  ],
  ['failuresToOpen', [0, -1, 1.5, Infinity, '1']],
  ['successesToClose', [0, -1, 1.5, Infinity, '1']],
  ['holdDownMs', notDurations],
  ['hookTimeoutMs', notDurations],
  ['jitter', [-0.1, 1.1, 50, '0.1', Number.NaN]],
  ['critical', [0, 'yes', null]],
  ['classify', ['outage', 1]],
])('%s', (option, badValues) => {
  test.each(badValues)('%s is refused with the option, what is expected and what was got', (value) => {
    expect(() => new Service({ ...valid, [option]: value })).toThrow(InvalidOptionError)
    expect(() => new Service({ ...valid, [option]: value })).toThrow(
      new RegExp(`^${option}.* must be .+; got .+`),
    )
  })

  test.each(badValues)('%s as a field of a subclass is refused at registration', (value) => {
    class Search extends Service {
      override ping(): void {}
    }
    const service = new Search({ name: 'search' })
    Object.defineProperty(service, option, { value, configurable: true })
    const monitor = new ServiceMonitor({ logger: false })
    expect(() => monitor.register(service)).toThrow(InvalidOptionError)
  })
})

test('a percentage is refused with a hint', () => {
  expect(() => new Service({ ...valid, jitter: 50 })).toThrow('did you mean 0.5?')
})

test('an unknown option is refused: it may be misspelt', () => {
  expect(() => new Service({ ...valid, pingTimeout: 3 } as ServiceOptions)).toThrow(/Service.pingTimeout/)
})

test.each<[ServiceOptions, RegExp]>([
  [{ name: 's', host: 'h' }, /needs a port/],
  [{ name: 's', port: 1 }, /needs a host/],
  [{ name: 's', path: '/s', host: 'h', port: 1 }, /got both/],
])('options that contradict each other are refused: %o', (options, message) => {
  expect(() => new Service(options)).toThrow(
    expect.objectContaining({ code: 'ERR_CONTRADICTORY_OPTIONS', message: expect.stringMatching(message) }),
  )
})

test('a service that can fail over but has nothing to ping is refused at registration', () => {
  const monitor = new ServiceMonitor({ logger: false })
  const service = new Service({ name: 's', failover: () => {} })
  expect(() => monitor.register(service)).toThrow(
    expect.objectContaining({ code: 'ERR_CONTRADICTORY_OPTIONS' }),
  )
})

test('failoverSettings without settings on the monitor are refused', () => {
  const service = new Service({ ...valid, failoverSettings: { a: 1 } })
  expect(() => new ServiceMonitor({ logger: false, services: [service] })).toThrow(/createSettings/)
})

test('a service without a name is refused', () => {
  expect(() => new ServiceMonitor({ logger: false, services: [new Service()] })).toThrow(/^name must be/)
})

test('a subclass is called after its class, unless it says otherwise', () => {
  class SearchService extends Service {}
  expect(new SearchService().name).toBe('SearchService')
  expect(new SearchService({ name: 'search' }).name).toBe('search')
})

test('what was read at registration can no longer be changed', () => {
  const service = new Service(valid)
  const monitor = new ServiceMonitor({ logger: false, background: false, services: [service] })
  expect(() => Object.assign(service, { host: 'elsewhere' })).toThrow(TypeError)
  expect(monitor.health().services['search']).toBeDefined()
})

test('settings that a service overrides are in no inspection and in no JSON', async () => {
  const { inspect } = await import('node:util')
  const service = new Service({ ...valid, failoverSettings: { url: 'canary' } })
  expect(inspect(service, { depth: 10 }) + JSON.stringify(service)).not.toContain('canary')
})

test.each([['ftp://x'], ['not a url'], [''], [1]])(
  'HttpService refuses %s as url and does not show it',
  (url) => {
    expect(() => new HttpService({ name: 'h', url: url as string })).toThrow(/^url must be/)
  },
)
