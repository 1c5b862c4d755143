import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { makeId } from '../../../../src/model/id.ts'
import { httpCall, requestOf } from '../../../../src/targets/host/supervisord/http-call.ts'
import { type Rpc, SupervisordFault } from '../../../../src/targets/host/supervisord/rpc.ts'
import type { ProgramStep } from '../../../../src/targets/host/supervisord/steps.ts'
import { BadConfiguration, reread, updateGroups } from '../../../../src/targets/host/supervisord/update.ts'
import type { XmlValue } from '../../../../src/targets/host/supervisord/xml-rpc.ts'
import { createFakeClock } from '../../../support/fake-clock.ts'

const { signal } = new AbortController()

/** What a method answers: a value, each of several in turn, or a fault by its code. */
type Answers = Readonly<Record<string, XmlValue | Error>>

function rpcOf(answers: Answers = {}) {
  const calls: string[] = []
  const rpc: Rpc = {
    callAll: async (all) =>
      all.map(({ method, params }) => {
        calls.push([method, ...params].join(' '))
        return answers[method] instanceof SupervisordFault ? answers[method] : true
      }),
    call: async (method, ...params) => {
      calls.push([method, ...params].join(' '))
      const answer = answers[method] ?? true
      if (answer instanceof Error) throw answer
      return answer
    },
    close: () => {},
  }
  return { rpc, calls }
}

const fault = (code: number, message = 'NO') => new SupervisordFault(code, message)
const step = (write: Partial<ProgramStep['write']>, declared: readonly string[] = []): ProgramStep => ({
  id: makeId({ target: 'host', kind: 'Program', name: 'web' }),
  begin: [],
  reload: true,
  write: { removed: [], added: [], started: [], stopped: [], ...write },
  declared,
  takeBack: undefined,
  end: [],
})
const found = (changed: readonly string[] = []) => ({ added: [], changed, removed: [] })

async function callsOf(wanted: ProgramStep, answers: Answers = {}, changed: readonly string[] = []) {
  const { rpc, calls } = rpcOf(answers)
  await updateGroups(wanted, found(changed), { rpc, clock: createFakeClock(), signal })
  return calls
}

describe('an update', () => {
  it('stops and removes, then adds, then starts', async () => {
    const wanted = step({ removed: ['a', 'old'], added: ['a', 'b'], started: ['a:a', 'b:b'] })
    expect(await callsOf(wanted)).toEqual([
      'stopProcessGroup a',
      'removeProcessGroup a',
      'stopProcessGroup old',
      'removeProcessGroup old',
      'addProcessGroup a',
      'addProcessGroup b',
      'startProcess a:a false',
      'startProcess b:b false',
    ])
  })

  it('takes in what supervisord itself finds changed of ours, and nothing of others', async () => {
    expect(await callsOf(step({}, ['mine']), {}, ['mine', 'theirs'])).toEqual([
      'stopProcessGroup mine',
      'removeProcessGroup mine',
      'addProcessGroup mine',
    ])
  })

  it('goes on where a part of it was done before', async () => {
    const answers = {
      stopProcessGroup: fault(10),
      removeProcessGroup: fault(10),
      addProcessGroup: fault(90),
      startProcess: fault(60),
    }
    expect(await callsOf(step({ removed: ['a'], added: ['a'], started: ['a:a'] }), answers)).toHaveLength(4)
  })

  it.each([
    [{ removeProcessGroup: fault(91, 'STILL_RUNNING: a') }, /does not remove the group a: STILL_RUNNING/],
    [{ addProcessGroup: fault(10, 'BAD_NAME: a') }, /add the group a: BAD_NAME: a/],
    [{ startProcess: fault(20, "NO_FILE: can't find command '/x'") }, /start a:a: NO_FILE: can't find/],
  ])('says what supervisord refuses: %#', async (answers, message) => {
    await expect(callsOf(step({ removed: ['a'], added: ['a'], started: ['a:a'] }), answers)).rejects.toThrow(message)
  })

  it('stops what starts by itself only after it did', async () => {
    const answers = {
      getAllConfigInfo: [{ group: 'a', name: 'a', autostart: true }],
      getAllProcessInfo: [{ group: 'a', name: 'a', start: 5 }],
    }
    expect(await callsOf(step({ added: ['a'], stopped: ['a:a'] }), answers)).toEqual([
      'addProcessGroup a',
      'getAllConfigInfo',
      'getAllProcessInfo',
      'stopProcess a:a',
    ])
  })
})

describe('a reread', () => {
  it('says what it found', async () => {
    const { rpc } = rpcOf({ reloadConfig: [[['a'], ['b', 'c'], []]] })
    expect(await reread(rpc)).toEqual({ added: ['a'], changed: ['b', 'c'], removed: [] })
  })

  it('tells a bad file from other trouble by the code', async () => {
    const bad = rpcOf({ reloadConfig: fault(92, 'CANT_REREAD: Invalid user name x') })
    await expect(reread(bad.rpc)).rejects.toEqual(new BadConfiguration('Invalid user name x'))
    await expect(reread(rpcOf({ reloadConfig: fault(6, 'CANT_REREAD') }).rpc)).rejects.toBeInstanceOf(SupervisordFault)
  })
})

describe('an answer over HTTP', () => {
  const where = { signal, where: 'host' }
  const request = { headers: ['Authorization: Basic x'], body: 'é' }

  const streamOf = () => {
    const sent: string[] = []
    const write = (chunk: Buffer, _: string, done: () => void) => {
      sent.push(chunk.toString())
      done()
    }
    return { stream: new Duplex({ read: () => {}, write }), sent }
  }

  it('is put together from what comes in pieces', async () => {
    const { stream, sent } = streamOf()
    const answer = httpCall(stream, request, where)
    expect(sent).toEqual([requestOf(request)])
    for (const piece of ['HTTP/1.1 200 OK\r\nConte', 'nt-Length: 3\r\n\r', '\naé']) stream.push(Buffer.from(piece))
    expect(await answer).toEqual({ status: 200, body: 'aé' })
  })

  it('that does not come is the host out of reach', async () => {
    const { stream } = streamOf()
    const answer = httpCall(stream, request, where)
    stream.destroy()
    await expect(answer).rejects.toMatchObject({ reason: 'TargetUnreachable', retryable: true })
    await expect(httpCall(stream, request, where)).rejects.toMatchObject({ reason: 'TargetUnreachable' })
  })

  it('is not waited for longer than the signal says', async () => {
    const stopped = new AbortController()
    const answer = httpCall(streamOf().stream, request, { signal: stopped.signal, where: 'host' })
    stopped.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })
})
