import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { composeSchemas } from '../../../src/compose/load/schema.ts'
import { loadComposeSchemas } from '../../../src/lib/load-schemas.ts'
import { RECORDED_FOLDER, readRecord, record, stacksOf } from './folder.ts'
import { judge, type Verdict } from './judge.ts'
import { runMutations } from './mutations.ts'

const USAGE = `npm run conformance -- STACKS [EXPECTED] [--record] [--env NAME=VALUE]...
npm run conformance -- --mutations SEED N STACKS

Compares what swarmkeeper makes of every stack file of a folder with what the docker CLI made of it. EXPECTED has
accepted.txt, config/ and requests/; where it is not given, or empty, or with --record, the docker CLI is asked now.`

interface Options {
  readonly words: readonly string[]
  readonly record: boolean
  readonly variables: Readonly<Record<string, string>>
}

function optionsOf(args: readonly string[]): Options {
  const words: string[] = []
  const variables: Record<string, string> = {}
  let record = false
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    if (word === '--record') record = true
    else if (word === '--env') {
      const [name = '', ...value] = (args[++at] ?? '').split('=')
      variables[name] = value.join('=')
    } else words.push(word)
  }
  return { words, record, variables }
}

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args)
  const [first, ...rest] = options.words
  const schemas = composeSchemas(loadComposeSchemas())
  if (first === '--mutations' && rest.length === 3) {
    const [seed = '', each = '', folder = ''] = rest
    return runMutations({ seed: Number(seed), each: Number(each), folder, variables: options.variables, schemas })
  }
  if (first === undefined || rest.length > 1) {
    console.error(USAGE)
    return 2
  }
  const stacks = stacksOf(first, options.variables)
  const expected = rest[0] ?? mkdtempSync(join(tmpdir(), 'swarmkeeper-conformance-'))
  const recording = options.record || !existsSync(join(expected, 'accepted.txt'))
  if (recording) {
    console.log(`recording ${stacks.length} stacks with the docker CLI into ${resolve(expected)}`)
    await record(stacks, expected, first)
  }
  const where = recording ? { recordedFolder: RECORDED_FOLDER } : {}
  return report(
    stacks.map(({ name, files }) => {
      const found = readRecord(expected, name)
      if (!found) return { name, verdict: undefined }
      return { name, verdict: judge({ name, files }, found, { schemas, folder: first, ...where }) }
    }),
  )
}

interface Judged {
  readonly name: string
  readonly verdict: Verdict | undefined
}

function report(judged: readonly Judged[]): number {
  const counts = { accept: 0, model: 0, services: 0, networks: 0 }
  for (const { name, verdict } of judged) {
    if (!verdict) console.log(`${name}: not recorded`)
    for (const part of ['accept', 'model', 'services', 'networks'] as const) {
      const differences = verdict?.[part] ?? ['not recorded']
      if (differences.length === 0) counts[part]++
      else if (verdict && (part === 'accept' || verdict.accept.length === 0))
        for (const line of differences) console.log(`${name}: ${part}: ${line}`)
    }
  }
  const whole = judged.filter(({ verdict }) => verdict?.expanded).length
  const sent = judged.filter(({ verdict }) => verdict?.expanded !== undefined).length
  console.log(`${whole} of ${sent} accepted stacks went through a whole repository, the rest part by part`)
  const line = Object.entries(counts).map(([part, count]) => `${part}=${count}/${judged.length}`)
  console.log(line.join(' '))
  return Object.values(counts).every((count) => count === judged.length) ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
