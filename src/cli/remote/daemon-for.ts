import { ReconcileError } from '../../model/error.ts'
import type { CliContext } from '../context.ts'
import type { GlobalOptions } from '../print.ts'
import type { DaemonAddress } from './http.ts'

/** Which daemon is asked; undefined: none, the work is done here. The token goes nowhere but where it is meant for. */
export function daemonFor(
  context: Pick<CliContext, 'daemonOf' | 'remoteToken'>,
  { remote, local, config }: Pick<GlobalOptions, 'remote' | 'local' | 'config'>,
): DaemonAddress | undefined {
  if (remote !== undefined && local) {
    throw new ReconcileError('Usage', { message: '--remote and --local exclude each other' })
  }
  if (local) return undefined
  const named = context.daemonOf(config)
  if (remote === undefined) return named
  const url = checked(remote)
  if (named?.url === url) return named
  return { url, ...(context.remoteToken && { token: context.remoteToken }) }
}

function checked(url: string): string {
  if (/^(https?:\/\/[^/]|unix:\/)/.test(url)) return url.replace(/\/+$/, '')
  throw new ReconcileError('Usage', {
    message: `--remote must be http://host:port, https://host:port or unix:/path, is '${url}'`,
  })
}
