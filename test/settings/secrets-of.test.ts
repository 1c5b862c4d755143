import { expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { secretsOf } from '../../src/settings/secrets-of.ts'

const KEY = '8f1c2a77d0e94b5fa36c11be7702d94e5a6f90c3b8d1274e6fa0937c52de18b4'

it('finds every secret, in whatever part of the settings it stands', () => {
  const values = ['tok-git', 'tok-registry', 'tok-named', 'tok-github', 'tok-hook', 'https://chat.test/x', 'tok-client']
  const text = `
install: main
key: { value: "${KEY}" }
repository: { url: "https://git.example/o/r.git", token: { value: tok-git } }
credentials:
  reg: { type: registry, addresses: ["r.example"], username: u, password: { value: tok-registry } }
secrets: { A: { value: tok-named } }
github: { token: { value: tok-github }, webhookSecret: { value: tok-hook } }
chat: { ops: { type: discord, url: { value: "https://chat.test/x" } } }
client: { url: "http://127.0.0.1:1", token: { value: tok-client } }
`
  const loaded = loadSettings({ text, env: {} })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const secrets = secretsOf(loaded.settings).map((secret) => secret.revealText())
  expect(secrets).toEqual(expect.arrayContaining(values))
  expect(secrets).toHaveLength(values.length + 1)
})
