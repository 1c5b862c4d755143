import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Secret as WrittenSecret } from '../model/written/settings.ts'
import type { Environment } from './environment.ts'

export type SecretContent =
  | { readonly content: Buffer; readonly file?: string; readonly warning?: string }
  | { readonly problem: string }

/** A Swarm secret holds 500 kB; everything else is smaller. */
const LONGEST = 512 * 1024

/** Reads a secret from where the settings say that it is. `directory`: of relative paths. */
export function readSecret(written: WrittenSecret, directory: string, env: Environment): SecretContent {
  if (written.value !== undefined) return notEmpty(Buffer.from(written.value), 'the value')
  if (written.env !== undefined) return fromVariable(written.env, env)
  if (written.file !== undefined) return fromFile(resolve(directory, written.file))
  const folder = env.CREDENTIALS_DIRECTORY
  if (!folder) {
    return {
      problem: `there is no credential '${written.credential}': systemd gave none (LoadCredential= in the unit)`,
    }
  }
  return fromFile(join(folder, written.credential ?? ''))
}

function fromVariable(name: string, env: Environment): SecretContent {
  const value = env[name]
  if (value === undefined) return { problem: `the environment variable ${name} is not set` }
  return notEmpty(Buffer.from(value), `the environment variable ${name}`)
}

function fromFile(file: string): SecretContent {
  try {
    const stats = statSync(file)
    if (!stats.isFile()) return { problem: `${file} is not a file` }
    if (stats.size > LONGEST)
      return { problem: `${file} has ${stats.size} bytes; a secret has no more than ${LONGEST}` }
    const read = notEmpty(withoutNewline(readFileSync(file)), file)
    if ('problem' in read) return read
    const warning = readableByAll(file, stats)
      ? { warning: `everybody on this machine can read ${file}: chmod 0400` }
      : {}
    return { ...read, file, ...warning }
  } catch (error) {
    return { problem: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` }
  }
}

/** SEC-26: an empty secret is a mistake, never "no password". */
function notEmpty(content: Buffer, what: string): SecretContent {
  return content.toString('latin1').trim() === '' ? { problem: `${what} is empty` } : { content }
}

/** Editors and `echo` put one at the end. */
function withoutNewline(content: Buffer): Buffer {
  const end =
    content.at(-1) !== 0x0a ? content.length : content.at(-2) === 0x0d ? content.length - 2 : content.length - 1
  return content.subarray(0, end)
}

export function readableByAll(file: string, stats: Stats): boolean {
  return (stats.mode & 0o004) !== 0 && (statSync(dirname(file)).mode & 0o001) !== 0
}
