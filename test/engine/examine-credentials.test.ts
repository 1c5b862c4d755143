import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { examineCredentials } from '../../src/engine/examine-credentials.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Credential } from '../../src/settings/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-credentials-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
})
const ask = { by: 'test', signal: new AbortController().signal }
const found = (proof: Partial<Extract<Credential, { type: 'ssh' }>>) => {
  const credential = { type: 'ssh', addresses: [], ...proof } as unknown as Credential
  return examineCredentials({ credentials: new Map([['fleet-key', credential]]) }, ask)
}

it('says of a key that it can be used', async () => {
  expect(await found({ key: new Sensitive(privateKey) })).toEqual([
    { subject: 'credential fleet-key', level: 'ok', message: 'the key can be used' },
  ])
})

it.each([
  ['a certificate', 'ssh-ed25519-cert-v01@openssh.com AAAAIHNz me', 'certificates of users are not supported'],
  ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me', 'it is a public key'],
  ['no key', 'canary', 'it cannot be read'],
])('says of %s in its place what it is, and nothing of its content', async (_what, text, message) => {
  const [finding] = await found({ key: new Sensitive(text), keyFile: '/etc/swarmkeeper/id' })
  expect(finding).toMatchObject({ level: 'error', message: expect.stringContaining(`/etc/swarmkeeper/id: `) })
  expect(finding?.message).toContain(message)
  expect(JSON.stringify(finding)).not.toMatch(/canary|AAAA/)
})

it('says that a certificate beside a key is not used', async () => {
  const keyFile = join(folder, 'id')
  writeFileSync(`${keyFile}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA')
  expect(await found({ key: new Sensitive(privateKey), keyFile })).toMatchObject([
    { level: 'ok' },
    { level: 'warning', message: expect.stringContaining('id-cert.pub stands beside the key and is not used') },
  ])
})

it('says of an agent that nobody answers', async () => {
  expect(await found({ agent: join(folder, 'none.sock') })).toMatchObject([
    {
      level: 'error',
      message: expect.stringContaining('no ssh-agent answers'),
      todo: expect.stringContaining('ssh-add'),
    },
  ])
})
