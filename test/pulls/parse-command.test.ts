import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandsIn } from '../../src/pulls/parse-command.ts'

describe('commands in a comment', () => {
  it.each([
    ['/swarmkeeper plan', { verb: 'plan' }],
    ['/swarmkeeper reconcile', { verb: 'reconcile' }],
    ['/swarmkeeper retry', { verb: 'retry' }],
    ['/swarmkeeper retry web', { verb: 'retry', app: 'web' }],
    ['/swarmkeeper rollback web-2', { verb: 'rollback', app: 'web-2' }],
    ['/swarmkeeper confirm prune:web:1a2b3c4d', { verb: 'confirm', guard: 'prune:web:1a2b3c4d' }],
    ['/swarmkeeper confirm revision:1a2b3c4d5e6f', { verb: 'confirm', guard: 'revision:1a2b3c4d5e6f' }],
    ['/swarmkeeper \t retry   web  ', { verb: 'retry', app: 'web' }],
    ['Looks good!\n/swarmkeeper plan\nThanks', { verb: 'plan' }],
    ['Looks good!\r\n\r\n/swarmkeeper plan\r\n', { verb: 'plan' }],
    ['> what was said\n\n/swarmkeeper plan', { verb: 'plan' }],
    ['```\ncode\n```\n/swarmkeeper plan', { verb: 'plan' }],
    ['see `this` and `that`\n/swarmkeeper plan', { verb: 'plan' }],
    ['<!-- a note -->\n/swarmkeeper plan', { verb: 'plan' }],
  ])('%j asks for it', (body, command) => {
    expect(commandsIn(body)).toEqual([command])
  })

  it.each([
    '/swarmkeeper',
    '/swarmkeeper help',
    '/swarmkeeper Plan',
    '/swarmkeeper plan now',
    '/swarmkeeper rollback',
    '/swarmkeeper rollback web to 1a2b3c4',
    '/swarmkeeper retry --all',
    '/swarmkeeper rollback web;reboot',
    '/swarmkeeper rollback $(id)',
    '/swarmkeeper rollback ../web',
    '/swarmkeeper confirm',
    '/swarmkeeper confirm -x',
    `/swarmkeeper retry ${'a'.repeat(101)}`,
  ])('%j is meant for us and not understood', (body) => {
    expect(commandsIn(body)).toEqual([{ verb: 'unknown', line: expect.any(String) }])
  })

  it.each([
    ['in a quote', '> /swarmkeeper plan'],
    ['in a quote that goes on', '> what he said\n/swarmkeeper plan'],
    ['in a quote in HTML', '<blockquote>\n/swarmkeeper plan\n</blockquote>'],
    ['in a fence', '```\n/swarmkeeper plan\n```'],
    ['in a fence with a language', '```sh\n/swarmkeeper plan\n```'],
    ['in a fence of tildes', '~~~\n/swarmkeeper plan\n~~~'],
    ['in a fence in which another stands', '````\n```\n/swarmkeeper plan\n```\n````'],
    ['in a fence that is closed by none of its kind', '```\n~~~\n/swarmkeeper plan'],
    ['in a fence that never ends', '```\n/swarmkeeper plan'],
    ['in a fence that a word does not close', '```\n``` no\n/swarmkeeper plan'],
    ['in indented code', '    /swarmkeeper plan'],
    ['in code that goes on', 'run `this\n/swarmkeeper plan\nthen` that'],
    ['in code in HTML', '<pre>\n/swarmkeeper plan\n</pre>'],
    ['hidden', 'hello <!-- \n/swarmkeeper plan\n-->'],
    ['hidden behind what is hidden and ends', '<!-- a --> <!-- b\n/swarmkeeper plan\n-->'],
    ['hidden and never shown', '<!--\n/swarmkeeper plan'],
    ['in the middle of a line', 'please /swarmkeeper plan'],
    ['behind a blank', ' /swarmkeeper plan'],
    ['in a list', '- /swarmkeeper plan'],
    ['as part of a word', '/swarmkeepers plan'],
    ['as a path', '/swarmkeeper/plan'],
    ['in capitals', '/Swarmkeeper plan'],
    ['in a code span', '`/swarmkeeper plan`'],
    ['not at all', 'nothing here'],
  ])('SEC-13: nothing is asked for by what stands %s', (_where, body) => {
    expect(commandsIn(body)).toEqual([])
  })

  it('tells of all, for a comment that asks for several things', () => {
    expect(commandsIn('/swarmkeeper plan\n/swarmkeeper retry web')).toHaveLength(2)
  })

  it('reads anything in bounded time', () => {
    const parts = fc.constantFrom(
      '`',
      '```',
      '>',
      '\n',
      '/swarmkeeper ',
      'plan',
      '<!--',
      '-->',
      '<pre>',
      ' ',
      '\r',
      '~~~',
    )
    fc.assert(fc.property(fc.array(parts, { maxLength: 60 }), (all) => Array.isArray(commandsIn(all.join('')))))
    const begun = performance.now()
    commandsIn(`${'<!--'.repeat(5_000)}\n${'`'.repeat(20_000)}\n${'> '.repeat(10_000)}`)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })
})
