/*
 * The loops once more, as functions of their own: V8 learns per function what is called in it, and a loop that has seen
 * both a bare call and a guarded one would be slower for both.
 */
import type * as Loops from './loops.ts'

const ANOTHER_COPY = './loops.ts?bare'

export const bareLoops = (await import(ANOTHER_COPY)) as typeof Loops
