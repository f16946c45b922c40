/* Prints its first line before it loads anything: whoever started the demo sees that it has begun. */
console.log('A replica is killed and frozen under load: plain pg.Pool and failover pool')

const { runDemo } = await import('./demo.ts')
// Not left to the event loop: what an early end left unfinished must not keep the process.
process.exit(await runDemo())
