import type { ClientBase } from 'pg'

/** I: idle, T: in a transaction, E: in a failed one. */
type TransactionStatus = 'I' | 'T' | 'E'

const STATUS = Symbol.for('@failover/db-postgres/transaction-status')

/** Reads the status from the wire: pg tells it only since late versions. Attaching twice does nothing. */
export function watchTransactions(client: ClientBase): void {
  if (STATUS in client) return
  const state = { status: 'I' as TransactionStatus }
  Object.defineProperty(client, STATUS, { value: state })
  const connection: unknown = Reflect.get(client, 'connection')
  if (!isEmitter(connection)) return
  connection.on('readyForQuery', (message) => {
    if (isStatus(message?.status)) state.status = message.status
  })
}

export function transactionStatus(client: ClientBase): TransactionStatus {
  const state: unknown = Reflect.get(client, STATUS)
  return state === undefined ? 'I' : (state as { status: TransactionStatus }).status
}

function isStatus(value: unknown): value is TransactionStatus {
  return value === 'I' || value === 'T' || value === 'E'
}

interface ReadyForQuery {
  readonly status?: unknown
}

function isEmitter(
  value: unknown,
): value is { on(event: string, listener: (message?: ReadyForQuery) => void): void } {
  return typeof value === 'object' && value !== null && 'on' in value
}
