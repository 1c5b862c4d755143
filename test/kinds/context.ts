import { createHmac } from 'node:crypto'
import { type Address, type NormalizeContext, NormalizeProblem, type Referred } from '../../src/model/kind.ts'

/** What a normaliser was told, and what it said. */
export interface FakeContext extends NormalizeContext {
  readonly warnings: readonly string[]
}

export interface World {
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly settings?: Readonly<Record<string, string>>
  /** `Kind/name` -> live name. */
  readonly declared?: Readonly<Record<string, string>>
}

export function contextOf(world: World = {}): FakeContext {
  const warnings: string[] = []
  const mac = (parts: readonly (string | Uint8Array)[]): string => {
    const hmac = createHmac('sha256', 'key of the tests')
    for (const part of parts) hmac.update(`${part.length}:`).update(part)
    return hmac.digest('hex')
  }
  const file = (path: string, pointer: string): Buffer => {
    const content = world.files?.[path]
    if (content === undefined) throw new NormalizeProblem(pointer, `no file ${path}`)
    return Buffer.from(content)
  }
  return {
    app: 'hello',
    target: 'prod',
    address: 'prod/Service/hello' as Address,
    warnings,
    file,
    opaque: (source, pointer) => {
      const content = source.file === undefined ? world.settings?.[source.settings ?? ''] : file(source.file, pointer)
      if (content === undefined) throw new NormalizeProblem(pointer, 'no such setting')
      const secret = source.file === undefined ? `settings:${source.settings}` : `blob:${source.file}`
      return { secret, mac: mac([content]) }
    },
    mac,
    refer: (kind, name): Referred | undefined => {
      const liveName = world.declared?.[`${kind}/${name}`]
      return liveName === undefined ? undefined : { liveName, external: false }
    },
    warn: (pointer, message) => void warnings.push(`${pointer}: ${message}`),
  }
}

/** The pointer and message of the problem that this throws. */
export function problemOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof NormalizeProblem) return `${error.pointer}: ${error.message}`
    throw error
  }
  throw new Error('no problem was found')
}
