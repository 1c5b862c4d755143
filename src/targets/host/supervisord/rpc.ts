import { ReconcileError } from '../../../model/error.ts'
import type { CallOptions } from '../../../model/target.ts'
import { type HttpAnswer, httpCall } from './http-call.ts'
import { authorizationOf, type Reaching, reachSupervisord } from './reach.ts'
import { listOf, readAnswer, structOf, writeCall, type XmlValue } from './xml-rpc.ts'

/** Fault codes of supervisor xmlrpc.py, as far as something follows from them. */
export const FAULTS = {
  shutdown: 6,
  badName: 10,
  noFile: 20,
  notRunning: 70,
  alreadyStarted: 60,
  alreadyAdded: 90,
  cannotReread: 92,
} as const

/** What supervisord refused. */
export class SupervisordFault extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'SupervisordFault'
    this.code = code
  }
}

export interface RpcCall {
  readonly method: string
  readonly params: readonly XmlValue[]
}

/** Rejections: `SupervisordFault`, `TargetUnreachable`, `TargetRefused`, and the signal's. */
export interface Rpc {
  call(method: string, ...params: readonly XmlValue[]): Promise<XmlValue>
  /** One request: supervisord goes on with it also when nobody hears its answer any more, unless that is told to it. */
  callAll(calls: readonly RpcCall[]): Promise<readonly (XmlValue | SupervisordFault)[]>
  close(): void
}

/** One connection for as many calls as follow each other. */
export async function openRpc(reaching: Reaching, { signal }: CallOptions): Promise<Rpc> {
  const { where } = reaching.shell
  const stream = await reachSupervisord(reaching, { signal })
  // what ends it is told to the call that waits then, or to the next one
  stream.on('error', () => {})
  const headers = authorizationOf(reaching.supervisor)
  const ask = async (method: string, params: readonly XmlValue[]): Promise<XmlValue> => {
    const body = writeCall(method, params)
    const answer = read(await httpCall(stream, { headers, body }, { signal, where }), where)
    if ('value' in answer) return answer.value
    throw faultOf(answer.fault, where)
  }
  return {
    call: (method, ...params) => ask(`supervisor.${method}`, params),
    callAll: async (calls) => {
      const asked = calls.map(({ method, params }) => ({ methodName: `supervisor.${method}`, params }))
      return listOf(await ask('system.multicall', [asked])).map((value) => faultOrValue(value, where))
    },
    close: () => void stream.destroy(),
  }
}

function faultOrValue(value: XmlValue, where: string): XmlValue | SupervisordFault {
  const { faultCode, faultString } = structOf(value)
  if (typeof faultCode !== 'number') return value
  return faultOf({ code: faultCode, message: String(faultString ?? '') }, where)
}

/** @throws ReconcileError where somebody stops or restarts supervisord just now: how far it came is not known */
function faultOf({ code, message }: { readonly code: number; readonly message: string }, where: string) {
  if (code !== FAULTS.shutdown) return new SupervisordFault(code, message)
  throw new ReconcileError('TargetUnreachable', { message: `${where}: supervisord is shutting down`, retryable: true })
}

function read({ status, body }: HttpAnswer, where: string) {
  if (status === 401) {
    throw new ReconcileError('TargetRefused', {
      message: `${where}: supervisord asks for another name and password`,
      todo: 'name a credential with both under `supervisor` of the Host document',
      retryable: true,
    })
  }
  if (status !== 200)
    throw new ReconcileError('TargetRefused', { message: `${where}: supervisord answers ${status}`, retryable: true })
  try {
    return readAnswer(body)
  } catch (cause) {
    throw new ReconcileError('TargetRefused', { message: `${where}: what answers is not supervisord`, cause })
  }
}
