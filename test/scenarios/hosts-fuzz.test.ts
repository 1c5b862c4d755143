import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseYaml } from '../../src/desired/parse-yaml.ts'
import { compileSchemas } from '../../src/desired/schemas.ts'
import { toPlain } from '../../src/desired/tree.ts'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { NormalizeProblem } from '../../src/model/kind.ts'
import type { Change } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import type { Target } from '../../src/model/target.ts'
import { contextOf } from '../kinds/context.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune, update } from '../support/changes.ts'
import { NASTY, nastyText } from '../support/nasty.ts'
import { type ProgramWorld, programWorld } from '../targets/host/supervisord/world.ts'
import { wantedOf } from '../targets/host/things.ts'

/** `SWARMKEEPER_SEED=…` looks elsewhere, `SWARMKEEPER_TEST_FULL=1` longer. */
const SEED = Number(process.env.SWARMKEEPER_SEED ?? 4)
const RUNS = process.env.SWARMKEEPER_TEST_FULL ? 25 : 3

const FOLDER = new URL('../../schemas/', import.meta.url)
const SCHEMAS = compileSchemas(
  new Map(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]),
  ),
)

/** As a revision declares it; undefined: it was refused before any host was asked. */
function declared(
  document: Readonly<Record<string, unknown>> & { readonly kind: string },
  files: Readonly<Record<string, string | Buffer>> = {},
): Wanted | undefined {
  const { trees, flaws } = parseYaml(Buffer.from(JSON.stringify({ hosts: ['host'], ...document })))
  const [tree] = trees
  if (flaws.length > 0 || !tree) return undefined
  if (SCHEMAS.check(`${document.kind.toLowerCase()}.json`)(toPlain(tree)).errors.length > 0) return undefined
  try {
    const normalized = HOST_KINDS.get(document.kind)?.normalize(toPlain(tree), contextOf({ files }))
    return normalized && wantedOf(document.kind, normalized.name ?? String(document.name), normalized.spec as object)
  } catch (error) {
    if (error instanceof NormalizeProblem) return undefined
    throw error
  }
}

const unique = <T>(all: readonly T[], by: (one: T) => string): readonly T[] => [
  ...new Map(all.map((one) => [by(one), one])).values(),
]

describe.skipIf(!hostsPossible())(`names and values of every kind on a real host (SEC-4, SEC-5; seed ${SEED})`, () => {
  let hosts: Hosts
  let world: ProgramWorld
  let target: Target
  let untouched: string
  const around = () => world.sh('ls -A / /root /tmp /home /home/* /etc')
  beforeAll(async () => {
    hosts = await startHosts()
    world = programWorld(hosts)
    await world.ready()
    target = world.open()
    await world.sh('mkdir -p /srv/fuzz /run/fuzz; chmod 1777 /run/fuzz')
    await target.observe([], { signal: world.signal })
    untouched = await around()
  })
  afterAll(async () => {
    await world?.dispose()
    await hosts?.dispose()
  })

  const failuresOf = async (changes: readonly Change[]) => {
    const marks = await world.apply(target, ...changes)
    return marks.filter(({ step }) => step !== 'applied')
  }
  /** Of all of them, as one look finds them. */
  const differencesOf = async (all: readonly Wanted[]) => {
    const { of } = await target.observe(all, { signal: world.signal })
    return all.flatMap((wanted): readonly unknown[] => {
      const seen = of.get(wanted.id)
      if (seen?.state !== 'present') return [[wanted.id, seen?.state]]
      return (HOST_KINDS.get(wanted.kind)?.compare(wanted.spec, seen.live) ?? []).map((diff) => [wanted.id, diff])
    })
  }
  const check = async <T>(values: fc.Arbitrary<T>, property: (value: T) => Promise<void>, runs = RUNS) =>
    fc.assert(fc.asyncProperty(values, property), { numRuns: runs, seed: SEED, endOnFailure: true })

  it('paths and contents of files', async () => {
    const isRefused = (name: string) =>
      /[\p{Cc}\p{Surrogate}]/u.test(name) ||
      name.split('/').some((part) => ['', '.', '..'].includes(part) || Buffer.byteLength(part) > 255)
    const content = fc.oneof(nastyText.map(Buffer.from), fc.uint8Array({ maxLength: 300 }).map(Buffer.from))
    const file = fc.record({ name: nastyText.map((text) => text.replaceAll('/', '')), content, later: content })
    const worst = NASTY.filter((text) => !text.includes('/')).map((name) => ({
      name,
      content: Buffer.from(name),
      later: Buffer.from([0, 255, 10]),
    }))
    let refused = 0
    const property = async (written: readonly { name: string; content: Buffer; later: Buffer }[]) => {
      const of = (name: string, bytes: Buffer) =>
        declared({ kind: 'File', name: 'fuzz', path: `/srv/fuzz/${name}`, file: 'x' }, { x: bytes })
      const files = unique(written, ({ name }) => name).flatMap(({ name, content, later }) => {
        const [first, second] = [of(name, content), of(name, later)]
        expect(first === undefined, JSON.stringify(name)).toBe(isRefused(name))
        if (first && second) return [{ name, content, later, first, second }]
        refused += 1
        return []
      })
      /** Path -> digest. */
      const read = async () => {
        const said = await world.sh('cd /srv/fuzz && find . -type f -exec sha256sum -z -- {} + | base64 -w0')
        const lines = Buffer.from(said, 'base64').toString('utf8').split('\0').filter(Boolean)
        return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
      }
      const hashed = (bytes: (file: (typeof files)[number]) => Buffer) =>
        new Map(files.map((one) => [`./${one.name}`, createHash('sha256').update(bytes(one)).digest('hex')]))
      await target.observe(
        files.map(({ first }) => first),
        { signal: world.signal },
      )
      expect(await failuresOf(files.map(({ first }) => create(first)))).toEqual([])
      expect(await read()).toEqual(hashed((one) => one.content))
      expect(await differencesOf(files.map(({ first }) => first))).toEqual([])
      await differencesOf(files.map(({ second }) => second))
      expect(await failuresOf(files.map(({ second }) => update(second)))).toEqual([])
      expect(await read()).toEqual(hashed((one) => one.later))
      expect(await differencesOf(files.map(({ second }) => second))).toEqual([])
      expect(await failuresOf(files.map(({ second }) => prune(second)))).toEqual([])
      expect(await world.sh('ls -A /srv/fuzz')).toBe('')
    }
    await property(worst)
    await check(fc.array(file, { maxLength: 12 }), property)
    expect(refused).toBeGreaterThan(0)
    expect(await around()).toBe(untouched)
  })

  it('values of an env file, as a unit gets them', async () => {
    const property = async (values: readonly string[]) => {
      const one = (value: string) => declared({ kind: 'File', name: 'e', path: '/srv/fuzz/env', env: { V: value } })
      const kept = values.filter((value) => one(value) !== undefined)
      for (const value of values) if (one(value) === undefined) expect(value).toMatch(/[\p{Cc}\p{Surrogate}]/u)
      const env = Object.fromEntries(kept.map((value, at) => [`V${at}`, value]))
      const file = declared({ kind: 'File', name: 'e', path: '/srv/fuzz/env', env })
      const text =
        '[Service]\nType=oneshot\nEnvironmentFile=/srv/fuzz/env\nExecStart=/bin/sh -c "cat /proc/self/environ >/run/fuzz/unit"\n'
      const unit = declared({ kind: 'Unit', name: 'fuzz-env.service', file: 'u' }, { u: text })
      if (!file || !unit) throw new Error('refused')
      await target.observe([file, unit], { signal: world.signal })
      expect(await failuresOf([create(file), create(unit)])).toEqual([])
      await world.sh('systemctl start fuzz-env.service')
      expect(environmentOf(await world.sh('base64 -w0 /run/fuzz/unit'))).toMatchObject(env)
      expect(await failuresOf([prune(unit), prune(file)])).toEqual([])
    }
    await property(NASTY)
    await check(fc.array(nastyText, { maxLength: 12 }), property)
    expect(await around()).toBe(untouched)
  })

  it('names and files of units', async () => {
    const part = fc.constantFrom(...'abc-_.:\\', '\\x2d', '--help', '--root', '-', 'X')
    const name = fc
      .tuple(fc.array(part, { maxLength: 6 }), fc.option(fc.array(part, { maxLength: 5 })))
      .map(([first, instance]) => `${first.join('')}${instance ? `@${instance.join('')}` : ''}`)
    const property = async (written: readonly { name: string; value: string }[]) => {
      const units = unique(written, (one) => one.name).flatMap(({ name, value }) => {
        const lines = value.replace(/[\n\r\0\\]|\p{Surrogate}/gu, '')
        const text = `# ${lines}\n[Unit]\nDescription=fuzz\n[Service]\nExecStart=/bin/sleep infinity\n`
        const unit = declared({ kind: 'Unit', name: `fuzz${name}.service`, file: 'u', state: 'stopped' }, { u: text })
        return unit ? [{ unit, text, path: `/etc/systemd/system/fuzz${name}.service` }] : []
      })
      const all = units.map(({ unit }) => unit)
      await target.observe(all, { signal: world.signal })
      expect(await failuresOf(all.map((unit) => create(unit)))).toEqual([])
      for (const { text, path } of units) expect(await world.sh('cat -- "$1"', path)).toBe(text)
      expect(await differencesOf(all)).toEqual([])
      expect(await failuresOf(all.map((unit) => prune(unit)))).toEqual([])
      expect(await world.sh('ls /etc/systemd/system')).not.toContain('fuzz')
    }
    const unit = fc.record({ name, value: nastyText })
    await check(fc.array(unit, { minLength: 1, maxLength: 5 }), property)
    expect(await around()).toBe(untouched)
  })

  it('names and comments of users', async () => {
    const refusedBySchema = /[:\n\0]/
    const property = async (comments: readonly string[]) => {
      const names = ['fuzz-a', 'fuzz_b$', 'fuzz--help', '_fuzz-']
      const users = comments.slice(0, names.length).flatMap((comment, at) => {
        const user = declared({ kind: 'User', name: names[at], comment, system: true, shell: '/bin/false' })
        if (user) return [{ user, comment, name: names[at] ?? '' }]
        expect(comment).toMatch(/[\p{Cc}\p{Surrogate}:]/u)
        return []
      })
      const all = users.map(({ user }) => user)
      await target.observe(all, { signal: world.signal })
      expect(await failuresOf(all.map((user) => create(user)))).toEqual([])
      for (const { name, comment } of users) {
        expect(comment).not.toMatch(refusedBySchema)
        const line = (await world.sh('getent passwd -- "$1"', name)).replace(/\n$/, '')
        expect(line.split(':')[4]).toBe(comment)
      }
      expect(await differencesOf(all)).toEqual([])
      expect(await failuresOf(all.map((user) => prune(user)))).toEqual([])
      expect(await world.sh('getent passwd | grep fuzz || :')).toBe('')
    }
    await property(['-x', '$(id)', "'; id; '", ' two  blanks '])
    await property(['--help', '\u202eé日本', '%s \\n', '"'])
    await check(fc.array(nastyText, { minLength: 4, maxLength: 4 }), property)
    expect(await around()).toBe(untouched)
  })

  it('environments of programs', async () => {
    const property = async (values: readonly string[]) => {
      const program = (environment: Readonly<Record<string, string>>) =>
        declared({
          kind: 'Program',
          name: 'fuzz',
          command: '/bin/sh -c "cat /proc/self/environ >/run/fuzz/program; exec sleep infinity"',
          startsecs: 0,
          environment,
        })
      const kept = values.filter((value) => program({ V: value }) !== undefined)
      const env = Object.fromEntries(kept.map((value, at) => [`V${at}`, value]))
      const wanted = program(env)
      if (!wanted) throw new Error('refused together, and not alone')
      await world.sh('rm -f /run/fuzz/program')
      await target.observe([wanted], { signal: world.signal })
      expect(await failuresOf([create(wanted)])).toEqual([])
      const printed = await waitUntil('its environment', () => world.sh('base64 -w0 /run/fuzz/program'))
      // supervisord says `%` with two of them, and expands `%(here)s`
      const meant = Object.entries(env).filter(([, value]) => !value.includes('%('))
      expect(environmentOf(printed)).toMatchObject(
        Object.fromEntries(meant.map(([name, value]) => [name, value.replaceAll('%%', '%')])),
      )
      expect(await failuresOf([prune(wanted)])).toEqual([])
      return kept.length
    }
    expect(await property(NASTY)).toBeGreaterThan(NASTY.length / 2)
    await check(fc.array(nastyText, { maxLength: 8 }), async (values) => void (await property(values)))
    expect(await around()).toBe(untouched)
  })
})

function environmentOf(base64: string): Readonly<Record<string, string>> {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  const pairs = text.split('\0').filter((pair) => pair.includes('='))
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}
