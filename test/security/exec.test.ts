import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errors, type Files, render } from './fleet-files.ts'

const SRC = join(import.meta.dirname, '../../src')
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))

describe('SEC-20: what starts programs on this machine', () => {
  it('is git, promtool of a person who validates, the local shell, and the words to systemd: none of them by way of a shell', () => {
    const starting = sources.filter(({ text }) => /['"]node:(child_process|cluster|worker_threads|vm)['"]/.test(text))
    const withTypesOnly = (text: string): boolean =>
      !/^import (?!type )[^\n]*node:(child_process|cluster|worker_threads|vm)/m.test(text)
    expect(
      starting
        .filter(({ text }) => !withTypesOnly(text))
        .map(({ file }) => file)
        .sort(),
    ).toEqual(['apply/checks/judge.ts', 'cli/promtool.ts', 'main.ts', 'shell/local-shell.ts', 'source/git-process.ts'])
    for (const { file, text } of starting) {
      expect(text, file).not.toMatch(/shell: true|(?<!\.)\bexec\(|execSync\(|\bfork\(/)
    }
  })

  it('nothing is evaluated but a pattern, in a context of its own and for a bounded time', () => {
    const evaluating = sources.filter(({ text }) =>
      /\beval\(|new Function\(|runIn\w+Context\(|import\((?!')/.test(text),
    )
    expect(evaluating.map(({ file }) => file)).toEqual(['apply/checks/judge.ts'])
    expect(evaluating[0]?.text).toContain('timeout: 100')
  })

  it('ssh of git reads no configuration, of the repository or of a person', () => {
    const environment = sources.find(({ file }) => file === 'source/git-environment.ts')?.text ?? ''
    expect(environment).toContain('ssh -F /dev/null')
  })

  const COMPOSE: Readonly<Record<string, string>> = {
    build: 'services: { web: { build: . } }',
    'build with an image': 'services: { web: { image: "a:1", build: { context: ., args: [A] } } }',
    'a dockerfile': 'services: { web: { image: "a:1", build: { dockerfile_inline: "RUN id" } } }',
    'a provider': 'services: { web: { image: "a:1", provider: { type: sh } } }',
    'a hook': 'services: { web: { image: "a:1", post_start: [{ command: id }] } }',
    'a remote include': 'include: ["https://evil.test/compose.yaml"]\nservices: {}',
    'a git include': 'include: ["git@evil.test:x.git"]\nservices: {}',
    'a remote context': 'services: { web: { image: "a:1", build: "https://evil.test/x.git" } }',
    'a secret of our environment':
      'services: { web: { image: "a:1", secrets: [s] } }\nsecrets: { s: { environment: PATH } }',
  }
  it.each(Object.entries(COMPOSE))(
    'of a compose file: %s is refused, or left out with a word',
    async (_name, compose) => {
      const files: Files = {
        'apps/a/a.yaml': 'kind: Stack\nname: a\ncompose: [compose.yaml]\n',
        'apps/a/compose.yaml': compose,
      }
      const desired = await render(files)
      expect(desired.problems.length).toBeGreaterThan(0)
      expect(JSON.stringify([...desired.apps.values()].map(({ wanted }) => wanted))).not.toMatch(
        /evil|RUN id|dockerfile/,
      )
      expect(errors(desired).join()).not.toContain(process.env.PATH ?? 'no path')
    },
  )

  it.each(['-oProxyCommand=id', 'a -oProxyCommand=id', 'a;id', '$(id)', 'a\nb', '--', ''])(
    'of a host: the address or user %j is refused (SEC-5)',
    async (text) => {
      for (const field of ['address', 'user']) {
        const host = {
          kind: 'Host',
          name: 'evil',
          address: '10.0.0.9',
          user: 'root',
          hostKey: HOST_KEY,
          credential: 'k',
          [field]: text,
        }
        expect(errors(await render({ 'targets/evil.yaml': JSON.stringify(host) }))).not.toEqual([])
      }
    },
  )

  it.each(['proxyCommand', 'ProxyCommand', 'sshConfig', 'options', 'proxyJump', 'localCommand', 'identityFile'])(
    'of a host: there is no field %s',
    async (field) => {
      const host = {
        kind: 'Host',
        name: 'evil',
        address: '10.0.0.9',
        user: 'root',
        hostKey: HOST_KEY,
        credential: 'k',
        [field]: 'id',
      }
      expect(errors(await render({ 'targets/evil.yaml': JSON.stringify(host) })).join()).toMatch(/unknown key/)
    },
  )
})

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtFBf6hfxUjNTqlFmH0VZ3hFZkMlyjNlI9q0fJXQjB5'
