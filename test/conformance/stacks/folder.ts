import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type StackFiles, stackOutcome } from './docker-cli.ts'
import { type RecordedRequest, startEngine } from './engine-stand-in.ts'

/** A stack of a folder: `name.yml`, merged with `name.over.yml` and with the variables of `name.vars` where there are any. */
export interface StackCase {
  /** `name.yml` */
  readonly name: string
  readonly files: StackFiles
}

/** What the docker CLI made of it when it was recorded. */
export interface StackRecord {
  readonly accepted: boolean
  /** Text that `docker stack config` printed. */
  readonly config: string | undefined
  readonly requests: readonly RecordedRequest[]
}

const IS_STACK = /^(?!.*\.over\.ya?ml$).*\.ya?ml$/

/** @param variables for every stack, beside its own */
export function stacksOf(folder: string, variables: Readonly<Record<string, string>>): readonly StackCase[] {
  const names = readdirSync(folder).filter((name) => IS_STACK.test(name))
  return names.sort().map((name) => {
    const over = join(folder, name.replace(/\.(ya?ml)$/, '.over.$1'))
    const paths = [resolve(folder, name), ...(existsSync(over) ? [resolve(over)] : [])]
    return { name, files: { paths, variables: { ...variables, ...ownVariables(join(folder, name)) } } }
  })
}

function ownVariables(path: string): Readonly<Record<string, string>> {
  const file = path.replace(/\.ya?ml$/, '.vars')
  if (!existsSync(file)) return {}
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** Of the folder `expected`: accepted.txt, config/, requests/. Undefined for a stack that was not recorded. */
export function readRecord(expected: string, name: string): StackRecord | undefined {
  const accepted = readFileSync(join(expected, 'accepted.txt'), 'utf8')
  const line = accepted.split('\n').find((one) => one.slice(0, one.lastIndexOf(' ')) === name)
  if (line === undefined) return undefined
  const config = join(expected, 'config', name)
  const requests = join(expected, 'requests', name.replace(/\.ya?ml$/, '.jsonl'))
  return {
    accepted: line.endsWith(' 0'),
    config: existsSync(config) ? readFileSync(config, 'utf8') : undefined,
    requests: existsSync(requests) ? readRequests(requests) : [],
  }
}

const readRequests = (path: string): readonly RecordedRequest[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedRequest)

/** Asks the docker CLI about every stack and writes what it says into the folder `expected`. */
export async function record(stacks: readonly StackCase[], expected: string, folder: string): Promise<void> {
  for (const part of ['config', 'requests']) mkdirSync(join(expected, part), { recursive: true })
  const engine = await startEngine()
  const accepted: string[] = []
  for (const { name, files } of stacks) {
    const { config, requests } = await stackOutcome(files, engine)
    accepted.push(`${name} ${config.code}`)
    if (config.code !== 0) continue
    writeFileSync(join(expected, 'config', name), elsewhere(config.out, folder))
    const lines = requests.map((request) => elsewhere(JSON.stringify(request), folder))
    writeFileSync(join(expected, 'requests', name.replace(/\.ya?ml$/, '.jsonl')), `${lines.join('\n')}\n`)
  }
  writeFileSync(join(expected, 'accepted.txt'), `${accepted.join('\n')}\n`)
  await engine.stop()
}

/** Our records name another folder than this machine's, so that they hold on every machine. */
export const RECORDED_FOLDER = '/recorded/stacks'

const elsewhere = (text: string, folder: string): string =>
  text.replaceAll(resolve(folder), RECORDED_FOLDER).replaceAll(dirname(resolve(folder)), dirname(RECORDED_FOLDER))
