import { describe, expect, it } from 'vitest'
import { algorithmsFor, isSameKey, parseHostKey } from '../../src/shell/host-key.ts'

const keyText = (type: string, rest = 'x'.repeat(36)): string => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return `${type} ${Buffer.concat([length, Buffer.from(type), Buffer.from(rest)]).toString('base64')}`
}

describe('a pinned host key', () => {
  it('is read with or without a comment', () => {
    const text = keyText('ssh-ed25519')
    expect(parseHostKey(`${text} root@m1\n`)).toEqual(parseHostKey(text))
  })

  it.each([
    '',
    'ssh-ed25519',
    'ssh-ed25519 AAAA',
    'AAAAC3Nza',
    keyText('ssh-ed25519').replace('ssh-ed25519', 'ssh-rsa'),
  ])('is refused when it is none: %s', (text) => {
    expect(() => parseHostKey(text)).toThrow(expect.objectContaining({ reason: 'InvalidSettings' }))
  })

  it.each(['ssh-dss', 'sk-ssh-ed25519@openssh.com', 'ssh-ed25519-cert-v01@openssh.com'])(
    'is refused where nobody could check it: %s',
    (type) => {
      expect(() => parseHostKey(keyText(type))).toThrow(
        expect.objectContaining({ reason: 'InvalidSettings', todo: expect.stringContaining('ssh-ed25519') }),
      )
    },
  )

  it('is the same only byte by byte', () => {
    const pinned = parseHostKey(keyText('ssh-ed25519'))
    expect(isSameKey(pinned, Buffer.from(pinned.key))).toBe(true)
    expect(isSameKey(pinned, parseHostKey(keyText('ssh-ed25519', 'y'.repeat(36))).key)).toBe(false)
    expect(isSameKey(pinned, pinned.key.subarray(1))).toBe(false)
  })

  it('asks the host for no other type of key, and for no SHA-1 signature', () => {
    expect(algorithmsFor('ssh-ed25519')).toEqual(['ssh-ed25519'])
    expect(algorithmsFor('ssh-rsa')).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
  })
})
