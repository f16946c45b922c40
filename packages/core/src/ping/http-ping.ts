import type { ClientRequest, IncomingMessage } from 'node:http'
import { InvalidOptionError, PingError } from '../errors.ts'
import { keepProcessFree } from './connect-ping.ts'
import { untilAborted } from './until-aborted.ts'

/** More of a body is not read. */
const LONGEST_BODY_BYTES = 64 * 1_024
const LONGEST_HEADERS_BYTES = 16 * 1_024
/** To these statuses a `Response` takes no body, not even an empty one. */
const BODILESS_STATUSES: readonly number[] = [204, 205, 304]
const STATUS_TEXT_STRANGERS = /[^\t\x20-\x7e\x80-\xff]/g

export interface HttpPingRequest {
  /** An http or https URL; its user-info is sent as Basic authorization. */
  readonly url: URL
  /** Whether this answer means that the service is up. It is given at most the first 64 KiB of the body. */
  readonly isHealthy: (response: Response) => boolean | Promise<boolean>
  readonly method?: 'GET'
  readonly headers?: Readonly<Record<string, string>>
}

export interface HttpPingOptions {
  readonly signal: AbortSignal
}

/**
 * Resolves when the URL gave a healthy answer, body and all. Makes a connection of its own, which is gone when this
 * settles and, once connected, does not keep the process alive (the reason for not using `fetch`, whose sockets can do
 * neither). Redirects are answers like any other: they are not followed.
 *
 * Rejects with the error of the connection, with the error of `isHealthy`, or with the signal's reason when aborted.
 *
 * @throws PingError `ERR_PING_FAILED` if the answer was not healthy; it names host and status
 * @throws InvalidOptionError if the URL is neither http nor https
 */
export async function httpPing(ping: HttpPingRequest, { signal }: HttpPingOptions): Promise<void> {
  signal.throwIfAborted()
  const request = send(ping)
  try {
    await untilAborted(ask(request, ping), signal)
  } finally {
    request.destroy()
  }
}

function send({ url, method = 'GET', headers = {} }: HttpPingRequest): ClientRequest {
  const request = requestOf(url)(withoutUserInfo(url), {
    method,
    headers: { ...basicAuthorization(url), ...headers },
    agent: false,
    maxHeaderSize: LONGEST_HEADERS_BYTES,
  })
  request.on('socket', keepProcessFree)
  request.end()
  return request
}

/** Loaded when they are needed: they take longer to load than all of this package. */
function requestOf(url: URL) {
  if (url.protocol === 'https:') return process.getBuiltinModule('node:https').request
  if (url.protocol === 'http:') return process.getBuiltinModule('node:http').request
  throw new InvalidOptionError('url', 'an http or https URL', url.protocol)
}

function withoutUserInfo(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const credentials = `${decoded(username)}:${decoded(password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** A URL may hold a `%` that encodes nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function ask(request: ClientRequest, { url, isHealthy }: HttpPingRequest): Promise<void> {
  const message = await answered(request, url)
  const status = message.statusCode ?? 0
  const body = await bodyOf(message)
  const isUp = isResponseStatus(status) && (await isHealthy(toResponse(message, status, body)))
  if (!isUp) throw new PingError('ERR_PING_FAILED', `${url.host} answered ${status}`)
}

/** What a `Response` can be made of. */
function isResponseStatus(status: number): boolean {
  return status >= 200 && status <= 599
}

/**
 * The error listener stays: an error that comes after the end must not crash the process. An answer that switches
 * protocols, which nobody asked for, is told by nothing but `close`.
 */
function answered(request: ClientRequest, { host }: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    const message = `${host} closed the connection without an answer`
    request.on('close', () => reject(new PingError('ERR_PING_FAILED', message)))
  })
}

/** Leaving the loop destroys the message and its socket: the rest never arrives. */
async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= LONGEST_BODY_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_BODY_BYTES)
}

function toResponse(message: IncomingMessage, status: number, body: Buffer): Response {
  const statusText = (message.statusMessage ?? '').replace(STATUS_TEXT_STRANGERS, '')
  const content = BODILESS_STATUSES.includes(status) ? null : new Uint8Array(body)
  return new Response(content, { status, statusText, headers: headersOf(message) })
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return headers
}
