import { expect, onTestFinished } from 'vitest'

import type { FaultProxy } from '../../src/index.ts'
import { eventually, startFaultProxy } from '../../src/index.ts'
import type { EchoServer } from './echo-server.ts'
import { startEchoServer } from './echo-server.ts'
import type { TestClient } from './test-client.ts'
import { openClient, openConnectedClient } from './test-client.ts'

export interface ProxySetup {
  readonly echo: EchoServer
  readonly proxy: FaultProxy
  /** A client that is connected through the proxy. */
  readonly connected: () => Promise<TestClient>
  /** Proves that no connection is let in. */
  readonly isRefused: () => Promise<void>
}

/** An echo server behind a proxy; all of it ends with the test. */
export async function setUpProxy(): Promise<ProxySetup> {
  const echo = await startEchoServer()
  const proxy = await startFaultProxy({ upstream: echo })
  onTestFinished(async () => {
    await proxy.close()
    await echo[Symbol.asyncDispose]()
  })
  return { echo, proxy, connected: () => endingWithTest(openConnectedClient(proxy)), isRefused }

  async function isRefused(): Promise<void> {
    const { seen } = await endingWithTest(Promise.resolve(openClient(proxy)))
    await eventually(() => expect(seen).toEqual(['ECONNREFUSED', 'close']))
  }
}

async function endingWithTest(opening: Promise<TestClient>): Promise<TestClient> {
  const client = await opening
  onTestFinished(() => client[Symbol.dispose]())
  return client
}

/** Says something, and hears it back. */
export async function say(client: TestClient, text: string): Promise<void> {
  const before = client.received()
  client.socket.write(text)
  await eventually(() => expect(client.received()).toBe(before + text))
}

export const seenBy = (client: TestClient, ...seen: string[]): Promise<void> =>
  eventually(() => expect(client.seen).toEqual(['connect', ...seen]))
