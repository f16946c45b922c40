import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'

import { describe, expect, test } from 'vitest'

import { eventually, expectNoNewHandles, handleSnapshot, openHandles } from '../src/index.ts'
import { startEchoServer } from './support/echo-server.ts'

const SHORT = { timeoutMs: 200 }

describe('expectNoNewHandles', () => {
  test('passes when all that came is gone', async () => {
    const before = handleSnapshot()
    await using echo = await startEchoServer()
    const socket = connect(echo)
    await once(socket, 'connect')
    clearTimeout(setTimeout(() => {}, 60_000))
    socket.destroy()
    await echo[Symbol.asyncDispose]()
    await expectNoNewHandles(before)
  })

  test('waits for what is about to go', async () => {
    const before = handleSnapshot()
    setTimeout(() => {}, 100)
    await expectNoNewHandles(before)
  })

  test.each(['ref', 'unref'] as const)('finds a timer (%s), and where it was made', async (how) => {
    const before = handleSnapshot()
    const timer = setInterval(() => {}, 54_321)
    timer[how]()
    await expect(expectNoNewHandles(before, SHORT)).rejects.toThrow(
      /Timeout of 54321 ms\n.*handles\.test\.ts/,
    )
    clearInterval(timer)
  })

  test('finds a socket, by its addresses', async () => {
    await using echo = await startEchoServer()
    const before = handleSnapshot()
    const socket = connect(echo).unref()
    await once(socket, 'connect')
    const message = `TCPWRAP 127.0.0.1:${socket.localPort} -> 127.0.0.1:${echo.port}`
    await expect(expectNoNewHandles(before, SHORT)).rejects.toThrow(message)
    socket.destroy()
  })

  test('is not deceived when as many went as came', async () => {
    const old = setInterval(() => {}, 60_000)
    const before = handleSnapshot()
    clearInterval(old)
    const fresh = setInterval(() => {}, 12_345)
    await expect(expectNoNewHandles(before, SHORT)).rejects.toThrow('Timeout of 12345 ms')
    clearInterval(fresh)
  })

  test('finds a server and a child process', async () => {
    const before = handleSnapshot()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    await expect(expectNoNewHandles(before, SHORT)).rejects.toThrow(/TCPSERVERWRAP[^]*PROCESSWRAP/)
    child.kill('SIGKILL')
    server.close()
    await once(child, 'exit')
  })

  test('finds listeners of the process and of given emitters', async () => {
    const pool = new EventEmitter().on('error', () => {})
    const before = handleSnapshot({ emitters: { pool } })
    const listener = () => {}
    pool.on('error', listener)
    process.on('SIGUSR2', listener)
    const remains = before.remains()
    pool.off('error', listener)
    process.off('SIGUSR2', listener)
    expect(remains).toEqual([
      'listeners of pool "error": 1 before, 2 now',
      'listeners of process "SIGUSR2": 0 before, 1 now',
    ])
    await expectNoNewHandles(before)
  })
})

test('openHandles names what keeps the process alive', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  expect(openHandles()).toContainEqual(expect.stringContaining(`"port":${port}`))
  expect(openHandles()).toContain(`Socket ${socket.localPort} -> 127.0.0.1:${port}`)
  socket.destroy()
  server.close()
  await eventually(() => expect(openHandles().join()).not.toContain(String(port)))
})
