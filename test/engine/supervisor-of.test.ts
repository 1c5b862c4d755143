import { describe, expect, it } from 'vitest'
import { supervisorOf } from '../../src/engine/host-shell.ts'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import type { DesiredTarget } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Credential } from '../../src/settings/settings.ts'

const addresses = ['app-1.test:2222', 'localhost'].map(parseAddressEntry)
const password = new Sensitive('s3cret')
const credentials: ReadonlyMap<string, Credential> = new Map<string, Credential>([
  ['supervisor', { type: 'supervisord', addresses, username: 'keeper', password }],
  ['registry', { type: 'registry', addresses, username: 'robot', password }],
])
const host = (supervisor: object | undefined, more: object = {}): DesiredTarget => {
  const connection = {
    address: 'app-1.test',
    port: 2222,
    user: 'deploy',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4m4kGRHYfLK8sYJpCj7hCuAcHNcSsHkQnwGSiaF1Ms',
    ...more,
  }
  const config = { kind: 'Host', name: 'app-1', ...connection, ...(supervisor ? { supervisor } : {}) }
  return { name: 'app-1', kind: 'Host', config, origin: { path: 'targets/a.yaml', line: 1, column: 1 } }
}

describe('the supervisord of a host', () => {
  it("is where Debian's package has it, unless the document says otherwise", () => {
    expect(supervisorOf(host(undefined), { credentials })).toEqual({
      config: '/etc/supervisor/supervisord.conf',
      programs: '/etc/supervisor/conf.d',
      server: 'unix:///var/run/supervisor.sock',
    })
    const server = 'http://127.0.0.1:9001'
    expect(supervisorOf(host({ server, programs: '/srv/programs' }), { credentials })).toMatchObject({
      server,
      programs: '/srv/programs',
    })
  })

  it('is logged in to with a credential of the settings, on the hosts that the operator bound it to', () => {
    const named = { credential: 'supervisor' }
    expect(supervisorOf(host(named), { credentials }).login).toEqual({ username: 'keeper', password })
    const elsewhere = host(named, { address: 'app-2.test' })
    expect(() => supervisorOf(elsewhere, { credentials })).toThrow(/may be used for .*, not for app-2.test:2222/)
    expect(() => supervisorOf(host({ credential: 'registry' }), { credentials })).toThrow(/is of type registry/)
  })
})
