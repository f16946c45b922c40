import type { NetConnectOpts, Socket } from 'node:net'
import { PingError } from '../errors.ts'
import { untilAborted } from './until-aborted.ts'

/** A TCP port, or a unix socket. */
export type ConnectTarget = { readonly host: string; readonly port: number } | { readonly path: string }

export interface ConnectPingOptions {
  readonly signal: AbortSignal
}

/**
 * Resolves when a connection could be made. A host with several addresses (IPv6 beside IPv4) is up when one of them
 * answers. The socket is gone when this settles. Once connected it does not keep the process alive; while it connects or
 * looks up a name, Node itself waits (it has no way to unref that), at longest until the signal is aborted.
 *
 * Rejects with the socket's own error, or with the signal's reason when aborted. Not guaranteed: that anything behind the
 * connection works; a hung server still accepts.
 *
 * @throws PingError `ERR_PING_FAILED` if the connection turned out to be one to itself
 */
export async function connectPing(target: ConnectTarget, { signal }: ConnectPingOptions): Promise<void> {
  signal.throwIfAborted()
  // Loaded when it is needed: Node's network modules take longer to load than all of this package.
  const socket = process.getBuiltinModule('node:net').connect(optionsOf(target))
  keepProcessFree(socket)
  try {
    await untilAborted(connected(socket), signal)
    if (isConnectedToItself(socket))
      throw new PingError('ERR_PING_FAILED', 'nobody listens: connected to itself')
  } finally {
    socket.destroy()
  }
}

/** Lets the process end while the socket is open. Each attempt at a further address has a new handle, to be told again. */
export function keepProcessFree(socket: Socket): void {
  socket.unref()
  socket.on('connectionAttempt', () => socket.unref())
}

/** Field by field: whatever else the given object bears must not reach the socket. */
function optionsOf(target: ConnectTarget): NetConnectOpts {
  if ('path' in target) return { path: target.path }
  return { host: target.host, port: target.port, autoSelectFamily: true }
}

/** The listeners stay: an error that comes after the end must not crash the process. */
function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('connect', resolve)
    socket.on('error', reject)
  })
}

/**
 * A connect to a local port on which nobody listens can be given that very port as its own, and then TCP joins the
 * socket to itself. Somebody who pings a dead local service for an hour meets this.
 */
function isConnectedToItself(socket: Socket): boolean {
  const isSamePort = socket.localPort !== undefined && socket.localPort === socket.remotePort
  return isSamePort && socket.localAddress === socket.remoteAddress
}
