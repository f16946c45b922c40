import { execFile } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

async function runFixture(name: string, ...args: string[]): Promise<string> {
  const file = join(import.meta.dirname, 'fixtures', name)
  const { stdout } = await run(process.execPath, ['--conditions=@failover/source', file, ...args], {
    timeout: 30_000,
  })
  return stdout.trim()
}

async function withServer<T>(server: Server, use: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    server.close()
  }
}

test('a monitor alone keeps no process alive', async () => {
  const output = await withServer(createServer(), (port) => runFixture('idle.ts', String(port)))
  expect(output).toBe('ended')
})

test('whoever awaits a ping is answered, even if nothing else keeps the process alive', async () => {
  expect(await runFixture('waits.ts')).toBe('open')
})

test('a process that blocks its own event loop does not take a healthy server for a dead one', async () => {
  const server = createHttpServer((_request, response) => void setTimeout(() => response.end('ok'), 50))
  const output = await withServer(server, (port) => runFixture('stalls.ts', `http://127.0.0.1:${port}/`))
  expect(JSON.parse(output)).toMatchObject({ outages: 0 })
})
