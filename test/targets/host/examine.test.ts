import { expect, it } from 'vitest'
import { readExamination } from '../../../src/targets/host/examine.ts'

const DF = `Filesystem     1024-blocks    Used Available Capacity Mounted on
/dev/vda1         41022688 8123456  30797040      21% /
Filesystem      Inodes  IUsed   IFree IUse% Mounted on
/dev/vda1      2621440 212345 2409095    9% /
`
const WELL = {
  uid: '0',
  user: 'root',
  missing: '',
  hidden: '',
  systemd: 'systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT\n',
  state: 'running',
  disk: DF,
}

const said = (more: Partial<typeof WELL> = {}): string => {
  const { uid, user, missing, hidden, systemd, state, disk } = { ...WELL, ...more }
  const fields = [uid, user, missing, hidden, systemd, state, disk]
  return `host ${fields.map((field) => Buffer.from(field).toString('base64')).join(' ')}\nsupervisord none\n`
}
const wrong = (more: Partial<typeof WELL>, root = true) =>
  readExamination(said(more), { root }).filter(({ level }) => level !== 'ok')

it('of a host that is well says what it is', () => {
  expect(readExamination(said(), { root: true })).toEqual([
    { subject: 'root', level: 'ok', message: 'commands run as root' },
    { subject: 'systemd', level: 'ok', message: 'systemd 252, running' },
    { subject: 'disk', level: 'ok', message: '30075 MiB free at /var/lib' },
  ])
})

it.each<readonly [string, Partial<typeof WELL>, object]>([
  ['who is not root', { uid: '1002', user: 'guest' }, { subject: 'root', message: expect.stringContaining('guest') }],
  [
    'what only root sees',
    { uid: '1002', user: 'guest', hidden: '/var/lib/swarmkeeper' },
    { subject: 'root', message: expect.stringContaining('/var/lib/swarmkeeper cannot be read') },
  ],
  ['programs that lack', { missing: ' flock sync' }, { level: 'error', message: 'not found there: flock sync' }],
  ['no systemd', { systemd: '', state: '' }, { subject: 'systemd', message: expect.stringContaining('no systemd') }],
  ['a systemd that is not in charge', { state: 'offline' }, { message: expect.stringContaining('not what booted it') }],
  ['units that failed', { state: 'degraded' }, { subject: 'systemd', todo: expect.stringContaining('--failed') }],
  ['a full disk', { disk: DF.replace('30797040', '9000') }, { subject: 'disk', message: '8 MiB free at /var/lib' }],
  [
    'a disk of too many files',
    { disk: DF.replace('2409095', '12') },
    { subject: 'disk', message: 'room for 12 more files at /var/lib' },
  ],
  ['a disk that is not told', { disk: '' }, { subject: 'disk', level: 'warning' }],
])('tells of %s', (_what, more, expected) => {
  expect(wrong(more)).toMatchObject([expected])
})

it('counts no files on a file system that has no limit of them', () => {
  expect(wrong({ disk: DF.replace('2621440 212345 2409095    9%', '0 0 0 -') })).toEqual([])
})

it('says of a user who is not root what would make it so', () => {
  const guest = { uid: '1002', user: 'guest' }
  expect(wrong(guest, false)).toMatchObject([{ todo: expect.stringContaining('become: sudo') }])
  expect(wrong(guest, true)).toMatchObject([{ todo: expect.stringContaining('somebody else') }])
})
