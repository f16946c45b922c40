import { describe, expect, test } from 'vitest'
import { consecutiveFailures, guardFetch } from '../../src/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { arrived, eventually, expectFreed, serve, type Upstream } from './support.ts'

const never = { tripRule: consecutiveFailures(1_000) }
const spare = (): Response => new Response('spare')

/** Answers 503 with a body that is not sent to its end. */
function serveUnread(): Promise<Upstream> {
  return serve((_, response) => {
    response.on('error', () => {})
    response.writeHead(503).write('x'.repeat(1_000))
  })
}

describe('a failed response in whose place a fallback answered', () => {
  test('its connection is closed, though nobody has read its body', async () => {
    const upstream = await serveUnread()
    const guarded = guardFetch(fetch, { ...never, fallback: spare })
    for (let n = 0; n < 20; n += 1) {
      expect(await (await guarded(upstream.url)).text()).toBe('spare')
      await expectFreed(upstream)
    }
  })

  test('without a fallback it is the caller’s, and open', async () => {
    const upstream = await serveUnread()
    const response = await guardFetch(fetch, never)(upstream.url)
    expect(response.status).toBe(503)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect((await reader.read()).value).toHaveLength(1_000)
    expect(upstream.open).toBe(1)
    await reader.cancel()
    await expectFreed(upstream)
  })

  test('a body that the fallback has read leaves a connection that is used again', async () => {
    const upstream = await serve((_, response) => response.writeHead(503).end('busy'))
    const guarded = guardFetch(fetch, {
      ...never,
      fallback: async ({ result }) => new Response(`spare for ${await (result as Response).text()}`),
    })
    for (let n = 0; n < 10; n += 1) expect(await (await guarded(upstream.url)).text()).toBe('spare for busy')
    expect(upstream.connections.length).toBeLessThan(5)
  })

  test('many at once leave no connection behind', async () => {
    const upstream = await serveUnread()
    const guarded = guardFetch(fetch, { ...never, fallback: spare, timeoutMs: 20_000 })
    await Promise.all(Array.from({ length: 50 }, () => guarded(upstream.url)))
    await expectFreed(upstream)
    expect(upstream.connections.length).toBeGreaterThanOrEqual(50)
  })
})

test('headers that come after the time is up find a connection that was cut', async () => {
  const clock = new FakeClock()
  let answer = (): void => {}
  const upstream = await serve((_, response) => {
    response.on('error', () => {})
    answer = () => void response.writeHead(200).write('late')
  })
  const guarded = guardFetch(fetch, { ...never, fallback: spare, timeoutMs: 1_000, clock })
  const running = guarded(upstream.url)
  await arrived(upstream)
  await clock.advance(1_000)
  expect(await (await running).text()).toBe('spare')
  answer()
  await expectFreed(upstream)
})

test('a fetch that does not listen to its signal: its late response is discarded', async () => {
  const clock = new FakeClock()
  let answer: (() => void) | undefined
  const upstream = await serve((_, response) => {
    response.on('error', () => {})
    answer = () => void response.writeHead(200).write('late')
  })
  const deaf: typeof fetch = (input) => fetch(input)
  const guarded = guardFetch(deaf, { ...never, fallback: spare, timeoutMs: 1_000, clock })
  const running = guarded(upstream.url)
  await eventually(() => expect(answer).toBeDefined())
  await clock.advance(1_000)
  expect(await (await running).text()).toBe('spare')
  expect(upstream.open).toBe(1)
  answer?.()
  await expectFreed(upstream)
})

test('two thousand requests under one signal give no warning', async () => {
  const upstream = await serve((_, response) => response.end('fine'))
  const guarded = guardFetch(fetch, { ...never, timeoutMs: 20_000 })
  const { signal } = new AbortController()
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  for (let n = 0; n < 100; n += 1)
    await Promise.all(
      Array.from({ length: 20 }, async () => (await guarded(upstream.url, { signal })).arrayBuffer()),
    )
  process.off('warning', note)
  expect(warnings).toEqual([])
})
