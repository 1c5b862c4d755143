import { describe, expect, test } from 'vitest'
import { expand, mac, problemsOf, service, wantedOf } from './expand-world.ts'

describe('a generation', () => {
  const files = (password: string) => ({
    'apps/a/a.yaml': `${service('web', 'secrets: [db]\n')}---\nkind: Secret\nname: db\nfile: db.txt\n`,
    'apps/a/db.txt': password,
  })
  const secretOf = (password: string) => {
    const desired = expand(files(password))
    return wantedOf(desired, desired.addresses.get('prod/Secret/db')?.[0] ?? '')
  }

  test('has the MAC of target, kind, name and content in its name', () => {
    const expected = mac(['prod', 'Secret', 'db', Buffer.from('one')])
    expect(secretOf('one').id).toBe(`prod/Secret/db_${expected.slice(0, 12)}`)
    expect(secretOf('one').spec).toMatchObject({ content: { mac: expected } })
  })

  test('names its content by blob, never by value', () => {
    expect(JSON.stringify(secretOf('hunter2'))).not.toContain('hunter2')
    expect(secretOf('one').spec).toMatchObject({ content: { secret: expect.stringMatching(/^blob:[0-9a-f]{40}$/) } })
  })

  test('changes the spec of what uses it when its content changes', () => {
    const web = (password: string) => wantedOf(expand(files(password)), 'prod/Service/web')
    expect(web('one').spec).toMatchObject({ secrets: [secretOf('one').id.replace('prod/Secret/', '')] })
    expect(web('one').after).toEqual([secretOf('one').id])
    expect(web('two').digest).not.toBe(web('one').digest)
  })

  test('may come from the settings', () => {
    const desired = expand({ 'apps/a/a.yaml': 'kind: Secret\nname: db\nfrom: settings:DB_PASSWORD\n' })
    const [id = ''] = desired.addresses.get('prod/Secret/db') ?? []
    const content = { secret: 'settings:DB_PASSWORD', mac: mac(['prod', 'Secret', 'db', 'hunter2']) }
    expect(wantedOf(desired, id).spec).toEqual({ content })
  })
})

describe('a file that a document names', () => {
  const problem = (path: string) =>
    problemsOf(
      expand({ 'apps/a/a.yaml': service('web', `envFile: ${path}\n`), 'apps/a/web.env': 'A=1', 'shared.env': 'B=1' }),
    )

  test('is read relative to the document', () => {
    expect(problem('web.env')).toEqual([])
    expect(problem('../../shared.env')).toEqual([])
  })

  test.each([
    ['wbe.env', "there is no file 'apps/a/wbe.env' in the repository; did you mean 'apps/a/web.env'?"],
    ['../../../etc/passwd', "the path '../../../etc/passwd' leaves the repository"],
    ['/etc/passwd', "the path '/etc/passwd' is absolute; it must be relative to the file that it is written in"],
  ])('%s is refused where it is written', (path, message) => {
    expect(problem(path)).toEqual([`apps/a/a.yaml:4:10 /envFile: ${message}`])
  })
})
