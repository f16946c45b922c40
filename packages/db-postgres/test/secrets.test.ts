import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { ServiceMonitor } from '@failover/core'
import {
  eventually,
  startFaultProxy,
  startPostgres,
  type FaultProxy,
  type PostgresServer,
} from '@failover/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFailoverPool, PostgresService } from '../src/index.ts'
import { QUICK } from './support/using-pool.ts'
import { everyWay, failureOf, WHO, withClient } from './support/ways.ts'

const secret = (): string => `canary${randomBytes(12).toString('hex')}`
const CANARIES = { url: secret(), option: secret(), environment: secret(), wrong: secret(), key: secret() }

let server: PostgresServer
let proxy: FaultProxy

beforeAll(async () => {
  server = await startPostgres()
  proxy = await startFaultProxy({ upstream: server })
  for (const name of ['url', 'option', 'environment'] as const)
    await server.query(`create role ${name}_user login password '${CANARIES[name]}'`)
})
afterAll(async () => {
  await proxy.close()
  await server.stop()
})

/** Whatever anybody could print. */
class Output {
  text = ''

  add(value: unknown): void {
    this.text += `${inspect(value, { depth: 10, showHidden: false })}\n${safeJson(value)}\n${String(value)}\n`
  }

  found(): string[] {
    return Object.entries(CANARIES).flatMap(([name, canary]) => (this.text.includes(canary) ? [name] : []))
  }
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

const EVENTS = [
  'outage-began',
  'outage-ended',
  'circuit-changed',
  'ping-failed',
  'target-switched',
  'hold-changed',
  'misconfigured',
  'closed',
] as const

test('no secret leaves through logs, events, errors or inspection, whatever goes wrong', async () => {
  const output = new Output()
  const log = (message: string, fields: unknown): void => output.add([message, fields])
  const monitor = new ServiceMonitor({ logger: { error: log, warn: log, info: log } })
  for (const type of EVENTS) monitor.on(type, (event) => output.add(event))
  process.env['PGPASSWORD'] = CANARIES.environment
  const { host, database } = server
  const { port } = proxy
  const targets = [
    { name: 'url', config: `postgres://url_user:${CANARIES.url}@${host}:${port}/${database}` },
    { name: 'option', config: { host, port, database, user: 'option_user', password: CANARIES.option } },
    { name: 'environment', config: { host, port, database, user: 'environment_user' } },
    { name: 'wrong', config: `postgres://url_user:${CANARIES.wrong}@${host}:${port}/${database}` },
    {
      name: 'broken',
      config: {
        host,
        port,
        database,
        user: 'option_user',
        password: CANARIES.option,
        ssl: { key: CANARIES.key },
      },
    },
  ]
  const pools = targets.map((target) =>
    createFailoverPool({ name: target.name, targets: [target], monitor, acquireTimeoutMs: 700, ...QUICK }),
  )
  const services = targets.map(
    ({ config }, index) => new PostgresService({ name: `service ${index}`, config }),
  )
  const askAll = async (): Promise<void> => {
    for (const pool of pools) {
      output.add(await everyWay(pool, WHO))
      output.add(await failureOf(pool.query('selec 1')))
      for (const shown of [pool, pool.options, pool.targets, monitor, monitor.health(), ...services])
        output.add(shown)
    }
  }
  await askAll()
  expect(output.text).toContain(`{ port: ${server.port} }`)
  await withClient(pools[0]!, async (client) => {
    await client.query(WHO)
    for (const fault of ['refuse', 'accept-then-silence'] as const) {
      await proxy.set(fault)
      proxy.cutAll()
      output.add(await failureOf(client.query(WHO)))
      output.add(client)
      await askAll()
    }
  })
  await eventually(() => pools.every((pool) => pool.targets[0]?.circuit !== 'closed'))
  await askAll()
  for (const wrong of [`postgres://u:${CANARIES.url}@h:nonsense/x`, `postgres://u:${CANARIES.url}@[::1/x`]) {
    const failure = await failureOf(
      Promise.resolve().then(() => createFailoverPool({ targets: [{ name: 'a', config: wrong }] }).end()),
    )
    output.add(failure)
  }
  for (const pool of pools) await pool.end()
  await monitor.close()
  delete process.env['PGPASSWORD']
  for (const pool of pools) output.add(pool)
  expect(output.text.length).toBeGreaterThan(10_000)
  expect(output.found()).toEqual([])
})
