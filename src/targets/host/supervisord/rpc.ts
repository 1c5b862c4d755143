import { ReconcileError } from '../../../model/error.ts'
import type { CallOptions } from '../../../model/target.ts'
import { type HttpAnswer, httpCall } from './http-call.ts'
import { authorizationOf, type Reaching, reachSupervisord } from './reach.ts'
import { readAnswer, writeCall, type XmlValue } from './xml-rpc.ts'

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

/** Rejections: `SupervisordFault`, `TargetUnreachable`, `TargetRefused`, and the signal's. */
export interface Rpc {
  call(method: string, ...params: readonly XmlValue[]): Promise<XmlValue>
  close(): void
}

/** One connection for as many calls as follow each other. */
export async function openRpc(reaching: Reaching, { signal }: CallOptions): Promise<Rpc> {
  const { where } = reaching.shell
  const stream = await reachSupervisord(reaching, { signal })
  // what ends it is told to the call that waits then, or to the next one
  stream.on('error', () => {})
  const headers = authorizationOf(reaching.supervisor)
  return {
    call: async (method, ...params) => {
      const body = writeCall(`supervisor.${method}`, params)
      const answer = read(await httpCall(stream, { headers, body }, { signal, where }), where)
      if ('fault' in answer) throw new SupervisordFault(answer.fault.code, answer.fault.message)
      return answer.value
    },
    close: () => void stream.destroy(),
  }
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
