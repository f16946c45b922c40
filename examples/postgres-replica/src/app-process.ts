/* One of the two applications, in a process of its own: `node app-process.ts plain | failover`. */
import { ServiceMonitor } from '@failover/core'
import type { AddressInfo } from 'node:net'
import type { Pool } from 'pg'
import type { AppMessage } from './app-message.ts'
import { createApp } from './app.ts'
import { createPlainPool, createPoolWithFailover, type Servers } from './pools.ts'

const servers: Servers = {
  replica: process.env['REPLICA_URL'] ?? '',
  primary: process.env['PRIMARY_URL'] ?? '',
}

// Ctrl-C reaches every process of the terminal; the demo ends its applications itself, after the load.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
// The demo may have ended while this file was loaded.
if (!process.connected) process.exit()

const server = createApp(process.argv[2] === 'failover' ? watchedPool() : createPlainPool(servers))
server.listen(0, '127.0.0.1', () => {
  tell({ type: 'listening', port: (server.address() as AddressInfo).port })
})

function watchedPool(): Pool {
  const monitor = new ServiceMonitor()
  monitor.on('target-switched', ({ from, to, at }) => tell({ type: 'switched', from, to, at }))
  monitor.on('ping-failed', ({ error, inconclusive, at }) =>
    tell({ type: 'ping-failed', error: error.message, isInconclusive: inconclusive, at }),
  )
  return createPoolWithFailover(servers, monitor)
}

function tell(message: AppMessage): void {
  process.send?.(message)
}
