/**
 * What a code of Node or undici tells.
 *
 * - `outage`: the service is gone or does not answer
 * - `weak`: a slow query or a busy service gives the same; a ping has to decide
 * - `local-trouble`: this process or host is out of something; nothing is known of the service
 * - `application`: the service answered, or was asked wrongly
 */
export type CodeMeaning = 'outage' | 'weak' | 'local-trouble' | 'application'

/** Looked up by exact code. What is not listed says nothing of a service. */
export const CODE_MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ['ECONNREFUSED', 'outage'], // nobody listens there
  ['ECONNRESET', 'outage'], // the peer, or something on the way, dropped the connection
  ['ECONNABORTED', 'outage'], // the connection was given up beneath us
  ['EPIPE', 'outage'], // written to a connection that the peer has closed
  ['ETIMEDOUT', 'outage'], // no answer from the host
  ['EHOSTUNREACH', 'outage'], // no route to the host, or the host is gone
  ['EHOSTDOWN', 'outage'], // the host does not answer on its own network
  ['ENETUNREACH', 'outage'], // no route to its network
  ['ENETDOWN', 'outage'], // the network is down
  ['ENOTFOUND', 'outage'], // its name is gone; at the first start it may be a misspelt name
  ['EAI_AGAIN', 'outage'], // name servers do not answer
  ['EAI_NODATA', 'outage'], // the name has no address any more
  ['ERR_SOCKET_CLOSED', 'outage'], // used after the connection was lost
  ['ERR_SOCKET_CONNECTION_TIMEOUT', 'outage'], // none of its addresses answered in time
  ['ERR_STREAM_DESTROYED', 'outage'], // written to after the connection was lost
  ['UND_ERR_SOCKET', 'outage'], // undici: the other side closed
  ['UND_ERR_CONNECT_TIMEOUT', 'outage'], // undici: no connection in time

  ['ERR_TARGET_LOST', 'outage'], // a pool cut the work: its target answers no ping either

  ['UND_ERR_HEADERS_TIMEOUT', 'weak'], // undici: no headers in time; a slow query gives the same
  ['UND_ERR_BODY_TIMEOUT', 'weak'], // undici: the body stalled; a slow producer gives the same

  ['EMFILE', 'local-trouble'], // this process has no file descriptor left
  ['ENFILE', 'local-trouble'], // this host has no file descriptor left
  ['ENOBUFS', 'local-trouble'], // this host has no buffer left
  ['EADDRNOTAVAIL', 'local-trouble'], // this host has no port left, or lacks an address family

  ['EPROTO', 'application'], // TLS spoken to something that does not speak it, or with no common version
  ['CERT_HAS_EXPIRED', 'application'], // it answers; its certificate is wrong, and moving on would hide it
  ['CERT_NOT_YET_VALID', 'application'],
  ['CERT_REVOKED', 'application'],
  ['CERT_UNTRUSTED', 'application'],
  ['CERT_REJECTED', 'application'],
  ['CERT_SIGNATURE_FAILURE', 'application'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'application'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'application'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'application'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'application'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'application'],
])

/** Families of codes that are too many to list: TLS and certificate trouble is configuration, never an outage. */
export const APPLICATION_PREFIXES: readonly string[] = ['ERR_TLS_', 'ERR_SSL_', 'CERT_']
