import { describe, expect, it } from 'vitest'
import { apiNeeds } from '../../../src/kinds/service/api-needs.ts'
import type { Mount } from '../../../src/kinds/service/spec.ts'
import { PLAIN } from './arbitrary-spec.ts'

const mount = (fields: Partial<Mount>): Mount => ({
  type: 'volume',
  source: 'a',
  target: '/a',
  readOnly: false,
  ...fields,
})

describe('fields that an older engine drops without a word', () => {
  it('are named with the API version that has them', () => {
    const spec = {
      ...PLAIN,
      noNewPrivileges: true,
      oomScoreAdj: 5,
      apparmor: 'disabled',
      seccomp: { mode: 'unconfined' },
      healthcheck: { test: [], startInterval: 1000 },
      mounts: [
        mount({}),
        mount({ subpath: 'x' }),
        mount({ type: 'tmpfs', options: [['noexec']] }),
        mount({ type: 'cluster' }),
      ],
    } as const
    expect(apiNeeds(spec).map(({ path, version }) => `${path} ${version}`)).toEqual([
      '/seccomp 1.44',
      '/apparmor 1.44',
      '/noNewPrivileges 1.44',
      '/healthcheck/startInterval 1.44',
      '/oomScoreAdj 1.46',
      '/mounts/1/subpath 1.45',
      '/mounts/2/options 1.46',
      '/mounts/3/type 1.42',
    ])
  })

  it('a plain service needs nothing new', () => {
    expect(apiNeeds({ ...PLAIN, mounts: [mount({ noCopy: true })] })).toEqual([])
  })
})
