import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Desired } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { errors, type Files, newRender, render, textOf } from './fleet-files.ts'

/** What a repository may write in the hope that somebody expands it. */
const EXPANSIONS = [
  '$CANARY_ENV',
  '$' + '{CANARY_ENV}',
  '$' + '{CANARY_ENV:-x}',
  '$(printenv CANARY_ENV)',
  '`printenv CANARY_ENV`',
  '%CANARY_ENV%',
  '%E{CANARY_ENV}',
  '$ENV:CANARY_ENV',
  '{{ env "CANARY_ENV" }}',
] as const
const CANARY = 'canary-of-the-environment-5c1e'

const places: Readonly<Record<string, (text: string) => Files>> = {
  'an image': (text) => ({ 'apps/a/a.yaml': `kind: Service\nname: a\nimage: ${JSON.stringify(text)}\n` }),
  'a name': (text) => ({ 'apps/a/a.yaml': `kind: Service\nname: ${JSON.stringify(text)}\nimage: a:1\n` }),
  'env, labels and command': (text) => ({
    'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\nenv: { A: ${JSON.stringify(text)} }\nlabels: { a: ${JSON.stringify(text)} }\ncommand: [${JSON.stringify(text)}]\n`,
  }),
  'an env file': (text) => ({
    'apps/a/a.yaml': 'kind: Service\nname: a\nimage: a:1\nenvFile: a.env\n',
    'apps/a/a.env': `A=${text}\nCANARY_ENV\n`,
  }),
  'the fleet’s variables': (text) => ({
    'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\nvars: vars.env\n',
    'vars.env': `A=${text}\n`,
    'apps/a/a.yaml': 'kind: Config\nname: a\ncontent: $' + '{A}\n',
  }),
  'a compose file': (text) => ({
    'apps/a/a.yaml': 'kind: Stack\nname: a\ncompose: [compose.yaml]\n',
    'apps/a/compose.yaml': `services: { web: { image: "a:1", environment: { A: ${JSON.stringify(text)}, CANARY_ENV: } } }\n`,
  }),
  'a compose file where what is unset is blank': (text) => ({
    'apps/a/a.yaml': 'kind: Stack\nname: a\ncompose: [compose.yaml]\nunset: blank\n',
    'apps/a/compose.yaml': `services: { web: { image: "a:1", environment: [${JSON.stringify(`A=${text}`)}, CANARY_ENV] } }\n`,
  }),
  'a path': (text) => ({ 'apps/a/a.yaml': `kind: Config\nname: a\nfile: ${JSON.stringify(`/${text}`)}\n` }),
  'a unit': (text) => ({
    'apps/a/a.yaml': 'kind: Unit\nname: a.service\nhosts: [app-1]\nfile: a.service\n',
    'apps/a/a.service': `[Service]\nExecStart=/bin/echo ${text}\n`,
  }),
}

describe('SEC-6: our environment, in what a repository writes', () => {
  beforeEach(() => {
    process.env.CANARY_ENV = CANARY
  })
  afterEach(() => {
    delete process.env.CANARY_ENV
  })

  it.each(Object.entries(places))('%s is not filled from it, nor is it in what is said', async (_name, filesOf) => {
    for (const text of EXPANSIONS) {
      const desired = await render(filesOf(text))
      expect(textOf(desired)).not.toContain(CANARY)
    }
  })
})

describe('SEC-9: what stands for a secret', () => {
  const file = (content: string): Files => ({
    'apps/a/a.yaml': 'kind: Secret\nname: pin\nfile: pin.txt\n',
    'apps/a/pin.txt': content,
  })
  const fromSettings: Files = { 'apps/a/a.yaml': 'kind: Secret\nname: pin\nfrom: settings:PIN\n' }
  const shown = (desired: Desired): string => {
    expect(errors(desired)).toEqual([])
    return textOf(desired)
  }

  it('is no digest that whoever guesses the content could compute', async () => {
    const key = Buffer.alloc(32, 7)
    const texts = [
      shown(await render(file('1234'), newRender(key))),
      shown(await render(fromSettings, newRender(key, { PIN: '1234' }))),
    ]
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        for (const guess of ['1234', '1234\n']) {
          const digest = createHash(algorithm).update(guess).digest(encoding)
          for (const text of texts) expect(text).not.toContain(digest.slice(0, 12))
        }
      }
    }
    // Nor one under a key that is public.
    for (const text of texts)
      expect(text).not.toContain(createHmac('sha256', '').update('1234').digest('hex').slice(0, 12))
  })

  it('is another with another key, target and name, and the same with the same', async () => {
    const macOf = async (key: number, files: Files) => {
      const desired = await render(files, newRender(Buffer.alloc(32, key), { PIN: '1234' }))
      return shown(desired).match(/pin_[0-9a-f]{12}/)?.[0]
    }
    const [one, again, otherKey, otherContent] = [
      await macOf(1, fromSettings),
      await macOf(1, fromSettings),
      await macOf(2, fromSettings),
      await macOf(1, { ...file('1235') }),
    ]
    expect(one).toMatch(/^pin_/)
    expect(again).toBe(one)
    expect(new Set([one, otherKey, otherContent]).size).toBe(3)
  })
})

describe('SEC-8: a secret value', () => {
  const secret = new Sensitive('canary-7f3a91c2')
  const ways: Readonly<Record<string, () => string>> = {
    'a template': () => `${secret}`,
    addition: () => `a${secret}`,
    String: () => String(secret),
    JSON: () => JSON.stringify({ secret, list: [secret] }),
    inspect: () => inspect({ secret, map: new Map([['a', secret]]) }, { depth: 9, showHidden: true }),
    'an error that carries it': () => inspect(new Error('no', { cause: { secret } })),
    'its entries': () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), { ...secret }]),
    'a structured clone': () => inspect(structuredClone({ ...secret })),
    'a sort by text': () => [secret, new Sensitive('b')].sort().join(),
    'a URL': () => new URL(`http://a/${secret}`).href,
  }
  it.each(Object.entries(ways))('is not in the text that %s makes of it', (_name, way) => {
    expect(way()).not.toMatch(/canary|Y2FuYXJ5|63616e617279/)
  })

  const WRONG: Readonly<Record<string, Files>> = {
    'a key that nobody knows': { 'apps/a/a.yaml': 'kind: Secret\nname: a\ncontent: canary-7f3a91c2\nfile: a.txt\n' },
    'a content of another type': { 'apps/a/a.yaml': 'kind: Secret\nname: a\nfile: { canary: canary-7f3a91c2 }\n' },
    'a reference that is none': {
      'apps/a/a.yaml': 'kind: Secret\nname: a\nfrom: vault:x\nfile: a.txt\n',
      'apps/a/a.txt': 'canary-7f3a91c2',
    },
    'a file that is too large': {
      'apps/a/a.yaml': 'kind: Secret\nname: a\nfile: a.txt\n',
      'apps/a/a.txt': 'canary-7f3a91c2'.repeat(60_000),
    },
    'an env file that is none': {
      'apps/a/a.yaml': 'kind: File\nname: a\nhosts: [app-1]\npath: /etc/a\nsecret: { file: a.env }\n',
      'apps/a/a.env': 'canary-7f3a91c2',
    },
  }
  it.each(Object.entries(WRONG))('of %s is not repeated by the complaint', async (_name, files) => {
    const desired = await render(files)
    // What a document holds in the wrong place was never a secret for us; a file that one names is.
    const told = errors(desired).join('\n')
    if (files['apps/a/a.txt'] ?? files['apps/a/a.env']) expect(textOf(desired)).not.toContain('canary-7f')
    expect(told).not.toContain('canary-7f3a91c2canary')
  })
})
