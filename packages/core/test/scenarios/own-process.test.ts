import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test, type TestContext } from 'vitest'
import { systemClock } from '../../src/index.ts'

const CORE = join(import.meta.dirname, '../..')
const FROZEN_MS = 10_000

function nodeOptions(script: string): string[] {
  return ['--conditions=@failover/source', '--input-type=module', '--eval', script]
}

/** What the script prints; it must end by itself. */
async function runScript(script: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, nodeOptions(script), {
    cwd: CORE,
    timeout: 20_000,
  })
  return JSON.parse(stdout)
}

/** A script that goes on, and the lines that it prints. */
function startScript(
  script: string,
  { onTestFinished }: TestContext,
): { child: ChildProcess; lines: Interface } {
  const child = spawn(process.execPath, nodeOptions(script), {
    cwd: CORE,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, lines: createInterface({ input: child.stdout }) }
}

async function startServer({ onTestFinished }: TestContext): Promise<string> {
  const server = createServer((_request, response) => void delay(20).then(() => response.end('ok')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => void systemClock.startTimer(resolve, delayMs, { keepAlive: true }))
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = (await once(lines, 'line')) as [string]
  return line
}

/** Stops itself in the middle of a ping, while its deadline runs and nothing was answered yet. Later pings go on undisturbed. */
const freezeInPing = (url: string): string => `
  import { HttpService, ServiceMonitor } from '@failover/core'
  const counts = { failed: 0, inconclusive: 0, outages: 0, good: 0 }
  let pings = 0
  class Freezing extends HttpService {
    async ping(context) {
      const answer = super.ping(context)
      pings += 1
      if (pings === 3) {
        console.log('stopping')
        process.nextTick(() => process.kill(process.pid, 'SIGSTOP'))
      }
      await answer
      if (pings > 3 && ++counts.good === 10) console.log(JSON.stringify(counts))
    }
  }
  const monitor = new ServiceMonitor({ logger: false, pingIntervals: { monitoringMs: 1, errorMs: 1 } })
  monitor.on('ping-failed', ({ inconclusive }) => { counts[inconclusive ? 'inconclusive' : 'failed'] += 1 })
  monitor.on('outage-began', () => { counts.outages += 1 })
  monitor.register(new Freezing({ name: 'http', url: '${url}', pingTimeoutMs: 1_000, jitter: 0 }))
  process.stdin.resume()
`

test('a process that is stopped for ten seconds while the server is well counts no failure', async (context) => {
  const { child, lines } = startScript(freezeInPing(await startServer(context)), context)
  expect(await nextLine(lines)).toBe('stopping')
  await delay(FROZEN_MS)
  child.kill('SIGCONT')
  expect(JSON.parse(await nextLine(lines))).toEqual({ failed: 0, inconclusive: 1, outages: 0, good: 10 })
})

test('a process that closes while a ping and a hook hang ends by itself, without another event', async () => {
  const told = await runScript(`
    import { Service, ServiceMonitor } from '@failover/core'
    const monitor = new ServiceMonitor({ logger: false, pingIntervals: { outageMs: 20 } })
    const told = []
    let pings = 0
    const ping = () => { pings += 1; if (pings === 1) throw new Error('gone'); return new Promise(() => {}) }
    const began = new Promise((resolve) => monitor.on('outage-began', resolve))
    monitor.on('closed', () => told.push('closed'))
    for (const type of ['ping-failed', 'failover-failed']) monitor.on(type, () => told.push(type))
    monitor.register(new Service({ name: 'hangs', jitter: 0, ping, failover: () => new Promise(() => {}) }))
    monitor.pingDue()
    await began
    await monitor.close()
    console.log(JSON.stringify({ told, timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length }))
  `)
  expect(told).toEqual({ told: ['ping-failed', 'closed'], timers: 0 })
})

test('whatever a process does with it, no handler is left on the process', async () => {
  const before = await runScript(`
    const count = () => process.eventNames().length
    const before = count()
    const { Service, ServiceMonitor } = await import('@failover/core')
    const monitor = new ServiceMonitor({ logger: false, services: [new Service({ name: 'a', ping() {} })] })
    await monitor.pingDue()
    console.log(JSON.stringify(count() - before))
  `)
  expect(before).toBe(0)
})

test('settings that cannot be applied, and a logger that fails, end no process', async () => {
  const health = await runScript(`
    import { createSettings, Service, ServiceMonitor } from '@failover/core'
    const fails = async () => { throw new Error('disk full') }
    const settings = createSettings({})
    const monitor = new ServiceMonitor({ settings, logger: { error: fails, warn: fails, info: fails } })
    const db = {}
    const down = () => { throw new Error('gone') }
    monitor.register(new Service({ name: 'a', jitter: 0, ping: down, recover: down, failoverSettings: { db } }))
    const other = new Service({ name: 'b', jitter: 0, ping: down, failover() {}, recover: down })
    monitor.register(other)
    Object.defineProperty(db, '__proto__', { value: {}, enumerable: true })
    await monitor.pingDue()
    monitor.unregister('b')
    await new Promise((resolve) => setImmediate(resolve))
    console.log(JSON.stringify(monitor.health().services.a.failover))
    await monitor.close()
  `)
  expect(health).toBe('idle')
})
