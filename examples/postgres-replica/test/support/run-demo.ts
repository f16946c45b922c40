import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** The demo as a child process without a terminal, in a temporary directory that is all its own. */
export class DemoRun implements Disposable {
  readonly child: ChildProcess
  readonly directory: string
  readonly #children = new Set<string>()
  output = ''

  constructor() {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), 'demo-test-')))
    // The servers of a demo that root runs belong to somebody else.
    chmodSync(this.directory, 0o755)
    this.child = spawn(process.execPath, ['--conditions=@failover/source', PROGRAM], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group, as a shell makes one: Ctrl-C reaches all of it.
      detached: true,
      env: { PATH: process.env['PATH'], TMPDIR: this.directory },
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the demo did not start')
    return this.child.pid
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    return this.child.exitCode ?? this.child.signalCode
  }

  /** What there is of it: files, processes that were told its directory, and children of it that were ever seen here. */
  remains(): string[] {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    for (const id of ids) if (parentOf(id) === this.pid) this.#children.add(id)
    const living = ids.filter(
      (id) => this.#children.has(id) || contentOf(id, 'environ').includes(this.directory),
    )
    // A zombie has no command line; when it is buried is up to the system's init.
    const processes = living
      .map((id) => contentOf(id, 'cmdline').replaceAll('\0', ' '))
      .filter((line) => line !== '')
    return [...readdirSync(this.directory), ...processes]
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL')
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function parentOf(id: string): number {
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(contentOf(id, 'status')) ?? []
  return Number(parent)
}

/** Empty for a process that has just ended, and for somebody else's. */
function contentOf(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
