import { startPostgresPair, type PostgresPair, type PostgresServer } from '@failover/testkit'
import { APP_NAMES } from './app-message.ts'
import { Board } from './board.ts'
import { startApp, type ChildApp } from './child-app.ts'
import { startLoad, type Load } from './load.ts'
import type { Servers } from './pools.ts'
import { reportOf } from './report.ts'
import { play } from './scenario.ts'
import { READS_PER_SECOND, TIME_LIMIT_MS } from './settings.ts'
import { orAborted, untilTold } from './stopping.ts'
import { startView } from './view.ts'

/** @returns the exit status: 0 only if the failover pool failed no read and both failovers and recoveries were seen */
export async function runDemo(): Promise<number> {
  const board = new Board(Math.round(performance.timeOrigin))
  const signal = untilTold(board.startedAt, TIME_LIMIT_MS)
  const view = await startView(board)
  const failure = await perform(board, signal).then(
    () => undefined,
    (error: unknown) => (signal.aborted ? signal.reason : error) as unknown,
  )
  await view.close()
  const { text, status } = reportOf(board, failure)
  console.log(text)
  return status
}

/** Sets everything up, plays, and takes everything away again, whatever happens. */
async function perform(board: Board, signal: AbortSignal): Promise<void> {
  board.note(board.headline)
  await using stack = new AsyncDisposableStack()
  const pair = stack.use(await orAborted(startPostgresPair({ name: 'demo' }), signal))
  const servers = await orAborted(prepareServers(pair), signal)
  const apps = startApps(stack, servers, board)
  const crashed = Promise.race(apps.map((app) => app.crashed))
  const loads = startLoads(stack, await orAborted(urlsOf(apps), signal), board)
  await orAborted(Promise.race([play({ board, replica: pair.replica, signal }), crashed]), signal)
  await Promise.all(loads.map((load) => load.stop()))
  board.enter('done', 'done: everything is taken down now')
}

async function prepareServers(pair: PostgresPair): Promise<Servers> {
  await pair.primary.query(`
    create table products (id int primary key, name text not null, price_cents int not null);
    insert into products values (1, 'Tea', 390), (2, 'Coffee', 450), (3, 'Cake', 520)`)
  await pair.waitForReplay()
  return { replica: urlOf(pair.replica), primary: urlOf(pair.primary) }
}

const urlOf = ({ user, password, host, port, database }: PostgresServer): string =>
  `postgres://${user}:${password}@${host}:${port}/${database}`

function startApps(stack: AsyncDisposableStack, servers: Servers, board: Board): ChildApp[] {
  board.headline = 'starting the application twice'
  board.note(board.headline)
  return APP_NAMES.map((name) => stack.use(startApp(name, servers, (message) => board.hear(name, message))))
}

/** In the order of the applications. */
const urlsOf = (apps: readonly ChildApp[]): Promise<string[]> => Promise.all(apps.map(({ url }) => url))

function startLoads(stack: AsyncDisposableStack, urls: readonly string[], board: Board): readonly Load[] {
  board.startLoad(Date.now())
  return APP_NAMES.map((app, index) =>
    stack.use(
      startLoad({
        app,
        url: urls[index] ?? '',
        perSecond: READS_PER_SECOND,
        onSent: () => (board.meters[app].sent += 1),
        onRead: (read) => board.read(read),
      }),
    ),
  )
}
