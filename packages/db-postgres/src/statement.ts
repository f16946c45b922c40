import type { QueryConfig, QueryResult, Submittable } from 'pg'

declare module 'pg' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- declarations that merge have the same parameters
  interface QueryConfig<I> {
    /** Read by failover pools: the statement may run twice, so that it is run again when its answer was lost. */
    idempotent?: boolean
  }
}

export type QueryCallback = (error: Error | undefined, result?: QueryResult) => void

/** One statement as an application gave it to pg, in whichever of pg's forms. */
export interface Statement {
  /** Text, or a configuration object, or something that submits itself (pg's `Query`, cursors). */
  readonly query: string | QueryConfig | Submittable
  /** As given: what is no array is pg's to refuse. */
  readonly values: unknown
  readonly callback: QueryCallback | undefined
  /** It runs by itself and keeps state of its own: once submitted it cannot be given to another connection. */
  readonly submitsItself: boolean
  /** The application says that it may run twice. */
  readonly isIdempotent: boolean
  /** It is BEGIN and nothing else: nothing happens if it runs twice, on two connections. */
  readonly onlyBegins: boolean
  /** Losing its answer leaves open whether a transaction was committed. */
  readonly commits: boolean
}

const ONLY_BEGIN = /^\s*(?:begin|start\s+transaction)\b[^;]*;?\s*$/i
/** Query builders and tracers put comments in front. */
const COMMIT = /(?:^|;)(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:commit|end|prepare\s+transaction)\b/i
/** Longer texts are not parsed; one that has the word at all may commit. */
const LONGEST_TEXT = 10_000
const COMMIT_SOMEWHERE = /\bcommit\b/i

/** Reads pg's argument forms: (text), (config), (submittable), each with values and a callback or without. */
export function readStatement(query: unknown, values?: unknown, callback?: unknown): Statement {
  const given = query as Statement['query']
  const text = textOf(query)
  const lastArgument = typeof values === 'function' ? values : callback
  return {
    query: withoutCallback(given),
    values: typeof values === 'function' ? undefined : values,
    callback: (lastArgument ?? callbackOf(query)) as QueryCallback | undefined,
    submitsItself: submitsItself(query),
    isIdempotent: isObject(query) && Reflect.get(query, 'idempotent') === true,
    onlyBegins: text.length <= LONGEST_TEXT && ONLY_BEGIN.test(text),
    commits: (text.length > LONGEST_TEXT ? COMMIT_SOMEWHERE : COMMIT).test(text),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function submitsItself(query: unknown): query is Submittable {
  return isObject(query) && typeof Reflect.get(query, 'submit') === 'function'
}

function textOf(query: unknown): string {
  const text: unknown = isObject(query) ? Reflect.get(query, 'text') : query
  return typeof text === 'string' ? text : ''
}

/** A configuration may bring its callback; a submittable's is its own affair. */
function callbackOf(query: unknown): unknown {
  return isObject(query) && !submitsItself(query) ? Reflect.get(query, 'callback') : undefined
}

/** The callback is called by us, once, wherever the statement ends up. */
function withoutCallback(query: Statement['query']): Statement['query'] {
  if (callbackOf(query) === undefined || typeof query === 'string') return query
  return Object.create(query, { callback: { value: undefined, writable: true } }) as QueryConfig
}

/** Settles in pg's way: by the callback where there is one, else by the promise. */
export function settle<T>(
  work: Promise<T>,
  callback: ((error: Error | undefined, result?: T) => void) | undefined,
): Promise<T> | undefined {
  if (callback === undefined) return work
  // On a tick of its own: what a callback throws is the application's, and must not become a rejection of ours.
  work.then(
    (result) => process.nextTick(callback, undefined, result),
    (error: unknown) => process.nextTick(callback, error),
  )
  return undefined
}
