/* What a bundle grows by. */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Library } from './subjects/subject.ts'

export interface BundleSize {
  readonly library: string
  readonly imported: string
  readonly minified?: number
  readonly gzip?: number
  readonly error?: string
}

const HERE = fileURLToPath(new URL('..', import.meta.url))

export async function bundleSizes(libraries: readonly Library[]): Promise<readonly BundleSize[]> {
  const sizes = libraries.flatMap(({ name, imports }) => imports.map((imported) => sizeOf(name, imported)))
  return Promise.all(sizes)
}

async function sizeOf(library: string, imported: string): Promise<BundleSize> {
  try {
    const code = await bundle(`export ${imported} from '${library}'`)
    return { library, imported, minified: code.byteLength, gzip: gzipSync(code, { level: 9 }).byteLength }
  } catch (error) {
    return { library, imported, error: error instanceof Error ? error.message : String(error) }
  }
}

async function bundle(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`esbuild made nothing of: ${contents}`)
  return file.contents
}
