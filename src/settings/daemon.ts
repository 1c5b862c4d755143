import { resolve } from 'node:path'
import type { ChatRoute as WrittenRoute, Settings as WrittenSettings } from '../model/written/settings.ts'
import type { ReadSecret } from './build-settings.ts'
import { duration } from './duration.ts'
import { buildGitHub } from './github.ts'
import type { Report } from './load-settings.ts'
import type { ApiToken, ChatRoute, ListenSettings, Settings } from './settings.ts'

export interface DaemonContext {
  readonly report: Report
  readonly secret: ReadSecret
  /** Of relative paths. */
  readonly directory: string
}

type Daemon = Pick<Settings, 'github' | 'chat' | 'heartbeat' | 'listen' | 'tokens' | 'alertsStaleAfterMs' | 'client'>

/** What only `swarmkeeper run`, and commands that speak to it, need. */
export function buildDaemon(written: WrittenSettings, context: DaemonContext): Daemon {
  const github = written.github && buildGitHub(written.github, written.repository.url, context)
  const heartbeat = written.heartbeat && buildHeartbeat(written.heartbeat, context)
  const client = written.client && buildClient(written.client, context)
  return {
    ...(github ? { github } : {}),
    ...(heartbeat ? { heartbeat } : {}),
    ...(client ? { client } : {}),
    chat: Object.entries(written.chat ?? {}).flatMap(([name, route]) => buildRoute(name, route, context) ?? []),
    listen: buildListen(written.listen ?? {}, context),
    tokens: Object.entries(written.tokens ?? {}).map(([name, token]): ApiToken => ({ name, ...token })),
    alertsStaleAfterMs: duration(written.alerts?.staleAfter ?? '9h', {
      pointer: '/alerts/staleAfter',
      least: 60_000,
      report: context.report,
    }),
  }
}

function buildHeartbeat(
  { url, interval }: NonNullable<WrittenSettings['heartbeat']>,
  { secret, report }: DaemonContext,
): Daemon['heartbeat'] {
  const read = secret(url, '/heartbeat/url')?.value
  const intervalMs = duration(interval ?? '60s', { pointer: '/heartbeat/interval', least: 1000, report })
  return read && { url: read, intervalMs }
}

function buildClient(
  { url, token }: NonNullable<WrittenSettings['client']>,
  { secret, report }: DaemonContext,
): Daemon['client'] {
  const read = token && secret(token, '/client/token')?.value
  if (!/^(https?:\/\/[^/]|unix:\/)/.test(url)) {
    report('error', { pointer: '/client/url', message: 'must be http://host:port, https://host:port or unix:/path' })
  }
  return { url: url.replace(/\/+$/, ''), ...(read ? { token: read } : {}) }
}

function buildRoute(name: string, written: WrittenRoute, { secret }: DaemonContext): ChatRoute | undefined {
  const { minSeverity = 'warning', apps } = written
  const common = { name, minSeverity, ...(apps ? { apps } : {}) }
  const pointer = `/chat/${name}`
  if (written.type === 'slack') {
    const token = secret(written.token, `${pointer}/token`)?.value
    const { channel, apiUrl = 'https://slack.com/api' } = written
    return token && { ...common, type: 'slack', token, channel, apiUrl }
  }
  const url = secret(written.url, `${pointer}/url`)?.value
  if (written.type !== 'webhook') return url && { ...common, type: written.type, url }
  const signs = written.secret && secret(written.secret, `${pointer}/secret`)?.value
  return url && { ...common, type: 'webhook', url, ...(signs ? { secret: signs } : {}) }
}

const DEFAULT_ADDRESS = '127.0.0.1:8470'

function buildListen(
  { address = DEFAULT_ADDRESS, certificate, key, insecure = false }: NonNullable<WrittenSettings['listen']>,
  { secret, report, directory }: DaemonContext,
): ListenSettings {
  const cert = certificate && secret(certificate, '/listen/certificate')?.value
  const keyRead = key && secret(key, '/listen/key')?.value
  const tls = cert && keyRead ? { tls: { certificate: cert.revealText(), key: keyRead } } : {}
  if (address.startsWith('unix:')) return { at: { socket: resolve(directory, address.slice('unix:'.length)) }, ...tls }
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(address) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    report('error', { pointer: '/listen/address', message: `must be host:port or unix:/path, is '${address}'` })
  }
  if (host !== undefined && !isLoopback(host) && !certificate && !insecure) {
    report('error', {
      pointer: '/listen/address',
      message: `${host} is not loopback: tokens would travel in the clear; add \`certificate\` and \`key\`, or \`insecure: true\``,
    })
  }
  return { at: { host: host ?? '127.0.0.1', port: Number(port ?? 8470) }, ...tls }
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
