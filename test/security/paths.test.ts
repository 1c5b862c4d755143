import { describe, expect, it } from 'vitest'
import type { Desired } from '../../src/model/desired.ts'
import { snapshotOf } from '../engine/counted.ts'
import { errors, type Files, FLEET, render, shared } from './fleet-files.ts'

const service = (rest: string): string => `kind: Service\nname: web\nimage: hello:1\n${rest}\n`
const stack = (compose: string): Files => ({
  'apps/a/stack.yaml': 'kind: Stack\nname: shop\ncompose: [compose.yaml]\n',
  'apps/a/compose.yaml': compose,
})

/** Every field of a document or compose file that names a file; the file that is good for it stands beside. */
const FIELDS: Readonly<Record<string, { readonly files: (path: string) => Files; readonly good: string }>> = {
  'Fleet vars': {
    files: (path) => ({ 'swarmkeeper.yaml': `${FLEET['swarmkeeper.yaml']}vars: ${path}\n` }),
    good: 'A=1\n',
  },
  extends: {
    files: (path) => ({ 'apps/a/a.yaml': `extends: ${path}\nname: web\n` }),
    good: 'kind: Service\nimage: hello:1\n',
  },
  'Service envFile': { files: (path) => ({ 'apps/a/a.yaml': service(`envFile: ${path}`) }), good: 'A=1\n' },
  'Config file': { files: (path) => ({ 'apps/a/a.yaml': `kind: Config\nname: c\nfile: ${path}\n` }), good: 'x' },
  'Secret file': { files: (path) => ({ 'apps/a/a.yaml': `kind: Secret\nname: s\nfile: ${path}\n` }), good: 'x' },
  'Stack compose': {
    files: (path) => ({ 'apps/a/a.yaml': `kind: Stack\nname: shop\ncompose: [${path}]\n` }),
    good: 'services: { web: { image: "hello:1" } }\n',
  },
  'Stack envFile': {
    files: (path) => ({
      'apps/a/a.yaml': `kind: Stack\nname: shop\ncompose: [compose.yaml]\nenvFile: ${path}\n`,
      'apps/a/compose.yaml': 'services: { web: { image: "hello:1" } }\n',
    }),
    good: 'A=1\n',
  },
  'compose env_file': {
    files: (path) => stack(`services: { web: { image: "hello:1", env_file: [${path}] } }\n`),
    good: 'A=1\n',
  },
  'compose config file': {
    files: (path) =>
      stack(`services: { web: { image: "hello:1", configs: [c] } }\nconfigs: { c: { file: ${path} } }\n`),
    good: 'x',
  },
  'compose secret file': {
    files: (path) =>
      stack(`services: { web: { image: "hello:1", secrets: [c] } }\nsecrets: { c: { file: ${path} } }\n`),
    good: 'x',
  },
  'Unit file': {
    files: (path) => ({ 'apps/a/a.yaml': `kind: Unit\nname: web.service\nhosts: [app-1]\nfile: ${path}\n` }),
    good: '[Service]\nExecStart=/bin/true\n',
  },
  'Unit dropIns': {
    files: (path) => ({
      'apps/a/a.yaml': `kind: Unit\nname: web.service\nhosts: [app-1]\nfile: u.service\ndropIns: { 10-a.conf: ${path} }\n`,
      'apps/a/u.service': '[Service]\nExecStart=/bin/true\n',
    }),
    good: '[Service]\nNice=5\n',
  },
  'Program conf': {
    files: (path) => ({ 'apps/a/a.yaml': `kind: Program\nname: worker\nhosts: [app-1]\nconf: ${path}\n` }),
    good: '[program:worker]\ncommand=/bin/cat\n',
  },
  'File file': {
    files: (path) => ({ 'apps/a/a.yaml': `kind: File\nname: f\nhosts: [app-1]\npath: /etc/f\nfile: ${path}\n` }),
    good: 'x',
  },
}

const OUT: readonly string[] = [
  '../../../../../../../../etc/passwd',
  '/etc/passwd',
  '..%2f..%2f..%2f..%2fetc/passwd',
  '%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '"/proc/self/environ\\0.yaml"',
  '"..\\\\..\\\\..\\\\etc\\\\passwd"',
  '"~/.ssh/id_ed25519"',
  'file:///etc/passwd',
]

const renderRefused = async (files: Files, refused: Parameters<typeof snapshotOf>[2]): Promise<Desired> =>
  shared(await snapshotOf({ ...FLEET, ...files }, '', refused))

describe.each(Object.entries(FIELDS))('SEC-1: a path in %s', (_name, { files, good }) => {
  it('is taken where its file lies in the repository', async () => {
    const placed = { ...files('good.any'), 'apps/a/good.any': good, 'good.any': good }
    expect(errors(await render(placed))).toEqual([])
  })

  it.each(OUT)('is refused where it leads out: %s; nothing of what is there is said', async (path) => {
    const told = errors(await render(files(path)))
    expect(told).not.toEqual([])
    expect(told.join('\n')).not.toMatch(/root:|:0:0:|SWARMKEEPER|PATH=/)
  })

  it('SEC-2: is refused where a symbolic link stands in its place, or is a folder on its way', async () => {
    const why = 'it is a symbolic link'
    const at = (path: string) =>
      [path, `apps/a/${path}`].map((one) => ({ path: one, message: `${one} is not read: ${why}` }))
    for (const [path, link] of [
      ['link', 'link'],
      ['linked/x', 'linked'],
    ] as const) {
      expect(errors(await renderRefused(files(path), at(link))).join('\n')).toContain('symbolic link')
    }
  })
})
