/**
 * What an error says about the service that it came from.
 *
 * - `outage`: the service is gone or does not answer
 * - `role`: the service works but has the wrong role (a replica was asked to write)
 * - `saturated`: the service works but is full; moving its load elsewhere would move the stampede
 * - `application`: says nothing about the service: a bug, a refused input, wrong credentials
 */
export type Verdict = 'outage' | 'role' | 'saturated' | 'application'
