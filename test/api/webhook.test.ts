import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { WebhookOptions } from '../../src/api/webhook.ts'
import { webhookRoutes } from '../../src/api/webhook.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { pushTo, REPOSITORY, SECRET, signatureOf, webhookWorld } from './webhook-world.ts'

const PUSH = pushTo('refs/heads/main')

describe('SEC-15: signatures of webhooks', () => {
  it('takes the example of GitHub’s documentation, and only that', async () => {
    const world = await webhookWorld()
    const known = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    const post = (body: string) => world.post({ body, headers: { 'x-hub-signature-256': known } })
    // It is signed, so it gets as far as being no JSON.
    expect(await post('Hello, World!')).toMatchObject({ status: 400, note: expect.stringContaining('JSON') })
    expect(await post('Hello, World?')).toMatchObject({ status: 401 })
  })

  const good = signatureOf(JSON.stringify(PUSH))
  it.each([
    ['none', undefined],
    ['empty', ''],
    ['of another secret', signatureOf(JSON.stringify(PUSH), 'another')],
    ['of the empty secret', signatureOf(JSON.stringify(PUSH), '')],
    ['of other bytes', signatureOf('{}')],
    ['too short', good.slice(0, -2)],
    ['too long', `${good}00`],
    ['not hex', `sha256=${'z'.repeat(64)}`],
    ['without the algorithm', good.slice('sha256='.length)],
    ['two, joined as Node joins them', `${good}, ${good}`],
    ['by SHA-1, under the new name', `sha1=${createHmac('sha1', SECRET).update(JSON.stringify(PUSH)).digest('hex')}`],
  ])('refuses one that is %s', async (_name, signature) => {
    const world = await webhookWorld()
    expect(await world.post({ body: PUSH, headers: { 'x-hub-signature-256': signature } })).toMatchObject({
      status: 401,
    })
    expect([world.nudges, world.shelf.count()]).toEqual([[], 0])
  })

  it('refuses the SHA-1 signature that GitHub sends beside', async () => {
    const world = await webhookWorld()
    const sha1 = `sha1=${createHmac('sha1', SECRET).update(JSON.stringify(PUSH)).digest('hex')}`
    const headers = { 'x-hub-signature-256': undefined, 'x-hub-signature': sha1 }
    expect(await world.post({ body: PUSH, headers })).toMatchObject({ status: 401 })
  })

  it('takes the old and the new secret while they are changed, and then only the new', async () => {
    const body = JSON.stringify(PUSH)
    const both = await webhookWorld({ secrets: [new Sensitive('new'), new Sensitive('old')] })
    const after = await webhookWorld({ secrets: [new Sensitive('new')] })
    const post = (world: typeof both, secret: string) =>
      world.post({ body, headers: { 'x-hub-signature-256': signatureOf(body, secret) } })
    expect(await post(both, 'new')).toMatchObject({ status: 202 })
    expect(await post(both, 'old')).toMatchObject({ status: 202 })
    expect(await post(after, 'new')).toMatchObject({ status: 202 })
    expect(await post(after, 'old')).toMatchObject({ status: 401 })
  })

  it.each([[[]], [['']], [[' \n']], [['good', '']]])('does not start with the secrets %j', (secrets) => {
    const options: WebhookOptions = {
      secrets: secrets.map((secret) => new Sensitive(secret)),
      repository: REPOSITORY,
      branch: 'main',
      deliveries: createMemoryStore().shelf('delivery'),
      clock: createFakeClock(),
      nudge: () => {},
    }
    expect(() => webhookRoutes(options)).toThrow(expect.objectContaining({ reason: 'InvalidSettings' }))
  })

  it.each([
    ['a byte order mark', `\uFEFF${JSON.stringify(PUSH)}`],
    ['whitespace around it', `\r\n\t ${JSON.stringify(PUSH, null, 4)} \n\n`],
    ['escapes that JSON.stringify would not write', JSON.stringify(PUSH).replace('refs', '\\u0072efs')],
  ])('is over the bytes as they came: a body with %s', async (_name, body) => {
    const world = await webhookWorld()
    expect(await world.post({ body })).toMatchObject({ status: 202 })
    expect(world.nudges).toEqual([{ of: 'source' }])
  })

  it('is over the form as it came, where the content type is that', async () => {
    const world = await webhookWorld()
    const body = new URLSearchParams({ payload: JSON.stringify(PUSH) }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await world.post({ body, headers })).toMatchObject({ status: 202 })
    expect(world.nudges).toEqual([{ of: 'source' }])
    const inner = { ...headers, 'x-hub-signature-256': signatureOf(JSON.stringify(PUSH)) }
    expect(await world.post({ body, headers: inner })).toMatchObject({ status: 401 })
  })

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'text/plain', undefined])(
    'is read as JSON where the content type is %s',
    async (type) => {
      const world = await webhookWorld()
      expect(await world.post({ body: PUSH, headers: { 'content-type': type } })).toMatchObject({ status: 202 })
      expect(world.nudges).toEqual([{ of: 'source' }])
    },
  )
})

describe('SEC-14: what is malformed', () => {
  it.each([
    ['nothing', ''],
    ['half of it', JSON.stringify(PUSH).slice(0, -10)],
    ['no UTF-8', Buffer.concat([Buffer.from('{"ref":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
    ['compressed', Buffer.from('1f8b0800000000000003', 'hex')],
  ])('is refused although it is signed: %s', async (_name, body) => {
    const world = await webhookWorld()
    expect(await world.post({ body })).toMatchObject({ status: 400 })
  })

  it.each([undefined, '', 'push, push', 'PUSH', '../push', 'x'.repeat(65)])('is an event named %j', async (event) => {
    const world = await webhookWorld()
    expect(await world.post({ body: PUSH, headers: { 'x-github-event': event } })).toMatchObject({ status: 400 })
  })

  it('is nothing but JSON that is deep: 1 MiB of brackets', async () => {
    const world = await webhookWorld()
    expect(await world.post({ body: '['.repeat(1024 * 1024) })).toMatchObject({ status: 400 })
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    expect(await world.post({ body: deep })).toMatchObject({ status: 202 })
  })
})

describe('SEC-16: deliveries that come again', () => {
  it('of the same id: asks for one look more, and not again within a while', async () => {
    const world = await webhookWorld()
    const post = () => world.post({ body: PUSH, id: 'd-1' })
    expect([await post(), await post(), await post()]).toMatchObject(Array(3).fill({ status: 202 }))
    expect(world.nudges).toHaveLength(2)
    expect(world.seen.map((one) => one.type === 'webhook:taken' && [one.repeated, one.nudge !== undefined])).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ])
    await world.clock.advance(10_000)
    await post()
    expect(world.nudges).toHaveLength(3)
  })

  it('of the same body under a new id, which is not signed, is the same', async () => {
    const world = await webhookWorld()
    for (const id of ['d-1', 'd-2', 'd-3']) await world.post({ body: PUSH, id })
    expect(world.nudges).toHaveLength(2)
  })

  it('asks for each pull request by itself', async () => {
    const world = await webhookWorld()
    for (const number of [1, 2]) for (const _ of [1, 2]) await world.post({ event: 'pull_request', body: pull(number) })
    expect(world.nudges.map((one) => one.of === 'pull' && one.number)).toEqual([1, 1, 2, 2])
  })

  it('is remembered over a restart', async () => {
    const shelf = createMemoryStore().shelf<{ readonly event: string }>('delivery')
    await (await webhookWorld({ deliveries: shelf })).post({ body: PUSH, id: 'd-1' })
    const world = await webhookWorld({ deliveries: shelf })
    await world.post({ body: PUSH, id: 'd-1' })
    expect(world.seen).toMatchObject([{ repeated: true }])
  })

  it('keeps no more than is bounded in count and age, and nothing of what asks for nothing', async () => {
    const limits = { deliveries: 50, deliveryMs: 60_000, requestsPerMinute: 10_000 }
    const world = await webhookWorld({ limits })
    for (let n = 1; n <= 220; n++) await world.post({ event: 'pull_request', body: pull(n), id: `d-${n}` })
    // 100 deliveries may come before it is trimmed again, two rows each.
    expect(world.shelf.count()).toBeLessThanOrEqual(50 + 2 * 100)
    await world.clock.advance(60_001)
    for (let n = 221; n <= 301; n++) await world.post({ event: 'pull_request', body: pull(n), id: `d-${n}` })
    expect(world.shelf.all().map(({ key }) => key)).not.toContain('id:d-220')
    const before = world.shelf.count()
    await world.post({ event: 'issues', body: pull(1) })
    expect(world.shelf.count()).toBe(before)
  })

  it.each(['', 'a b', `${'x'.repeat(65)}`, 'é', "'; DROP TABLE shelf; --"])(
    'takes no id like %j for a key',
    async (id) => {
      const world = await webhookWorld()
      expect(await world.post({ body: PUSH, headers: { 'x-github-delivery': id } })).toMatchObject({ status: 202 })
      expect(world.shelf.all().map(({ key }) => key.split(':')[0])).toEqual(['body'])
      expect(world.nudges).toHaveLength(1)
    },
  )
})

describe('SEC-23: what throws behind an answer', () => {
  it('is told, and ends nothing: the database', async () => {
    const broken = () => {
      throw new Error('database is locked')
    }
    const shelf = { ...createMemoryStore().shelf<{ readonly event: string }>('delivery'), put: broken, get: broken }
    const world = await webhookWorld({ deliveries: shelf })
    expect(await world.post({ body: PUSH })).toMatchObject({ status: 202 })
    expect(world.nudges).toEqual([{ of: 'source' }])
    expect(world.seen).toMatchObject([{ type: 'webhook:trouble' }, { type: 'webhook:taken' }])
  })

  it('is told, and ends nothing: the nudge, and who listens', async () => {
    const throwing = () => {
      throw new Error('no')
    }
    const told = await webhookWorld({ nudge: throwing })
    expect(await told.post({ body: PUSH })).toMatchObject({ status: 202 })
    expect(told.seen).toEqual([{ type: 'webhook:trouble', message: 'no' }])
    const untold = await webhookWorld({ nudge: throwing, listener: throwing })
    expect(await untold.post({ body: PUSH })).toMatchObject({ status: 202 })
    expect(await untold.post({ body: PUSH, headers: { 'x-hub-signature-256': '' } })).toMatchObject({ status: 401 })
  })
})

function pull(number: number): object {
  return {
    action: 'synchronize',
    number,
    pull_request: { number, head: { ref: 'topic', sha: 'a'.repeat(40) }, base: { ref: 'main' } },
    repository: { full_name: 'codertocat/hello-world' },
  }
}
