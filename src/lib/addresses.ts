import { BlockList, isIP } from 'node:net'

/**
 * One line of a list of addresses in the operator's settings: `host`, `host:port`, `*.suffix`, an IP address or a CIDR
 * block, each with or without `:port` (IPv6 with a port in brackets: `[fd00::/8]:443`).
 */
/** An IPv4 or IPv6 address, without a zone. */
export const isAddress = (text: string): boolean => isIP(text) > 0 && !text.includes('%')

export interface AddressEntry {
  /** As written. */
  readonly text: string
  readonly port: number | undefined
  readonly match:
    | { readonly type: 'name'; readonly name: string }
    | { readonly type: 'suffix'; readonly suffix: string }
    | { readonly type: 'ip'; readonly ip: string }
    | { readonly type: 'block'; readonly block: BlockList; readonly loopbackOnly: boolean }
}

export interface Endpoint {
  /** Name or IP address, IPv6 without brackets. */
  readonly host: string
  /** Undefined where the caller cannot tell: then only entries without a port match. */
  readonly port: number | undefined
}

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIP(ip) === 6 ? 'ipv6' : 'ipv4')

const LOOPBACK = blockOf(['127.0.0.0', 8], ['::1', 128], ['0.0.0.0', 8], ['::', 128])
/**
 * Link-local, and where clouds hand out credentials to whoever asks from inside: AWS and others (link-local and
 * fd00:ec2::254), Alibaba, Oracle, Azure's wire server. No name and no block permits them, only the address itself (SEC-19).
 */
const METADATA = blockOf(
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
)

function blockOf(...subnets: readonly (readonly [string, number])[]): BlockList {
  const block = new BlockList()
  for (const [net, prefix] of subnets) block.addSubnet(net, prefix, familyOf(net))
  return block
}

/** @throws RangeError whose message says what is accepted */
export function parseAddressEntry(text: string): AddressEntry {
  const { host, port } = splitPort(text.trim().toLowerCase())
  if (isIP(host)) return { text, port, match: { type: 'ip', ip: plainIp(host) } }
  if (host.includes('/')) return { text, port, match: blockMatch(host, text) }
  if (host.startsWith('*.') && NAME.test(host.slice(2))) {
    return { text, port, match: { type: 'suffix', suffix: host.slice(1) } }
  }
  if (!NAME.test(host) || /^[\d.]+$/.test(host)) throw notAnEntry(text)
  return { text, port, match: { type: 'name', name: host } }
}

function notAnEntry(text: string): RangeError {
  return new RangeError(
    `'${text}' is not an address like host, host:443, *.example.test, 10.0.0.7, 10.0.0.0/8 or [fd00::1]:443`,
  )
}

function blockMatch(host: string, text: string): AddressEntry['match'] {
  const [net = '', prefix = '', ...rest] = host.split('/')
  const longest = isIP(net) === 6 ? 128 : 32
  if (!isIP(net) || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) throw notAnEntry(text)
  const loopbackOnly = LOOPBACK.check(net, familyOf(net)) && Number(prefix) >= (longest === 32 ? 8 : 127)
  return { type: 'block', block: blockOf([net, Number(prefix)]), loopbackOnly }
}

/** Host and port of `host`, `host:port`, `[v6]:port`, a bare IPv6 address. @throws RangeError for an impossible port */
export function splitPort(text: string): Endpoint {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text)
  const plain = /^([^:]*)(?::(\d+))?$/.exec(text)
  const [, host = text, port] = bracketed ?? plain ?? []
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    throw new RangeError(`'${text}' has no possible port`)
  return { host: withoutDot(host), port: port === undefined ? undefined : Number(port) }
}

const withoutDot = (host: string): string => host.replace(/\.$/, '')

/** IPv4 that is written as IPv6 (mapped, or through NAT64) is that IPv4. */
function plainIp(ip: string): string {
  const mapped = /^(?:::ffff:|64:ff9b::)([0-9.]+|[0-9a-f]{1,4}:[0-9a-f]{1,4})$/i.exec(canonical(ip))
  const rest = mapped?.[1]
  if (rest === undefined) return canonical(ip)
  if (rest.includes('.')) return rest
  const [high = 0, low = 0] = rest.split(':').map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The one way to write an address: what URL parsing makes of it. */
const canonical = (ip: string): string =>
  isIP(ip) === 6 ? new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1) : ip

/** May a name be asked for at all, before it is resolved? */
function listsName(entries: readonly AddressEntry[], { host, port }: Endpoint): boolean {
  const name = withoutDot(host.toLowerCase())
  return entries.some(({ match, ...entry }) => {
    if (entry.port !== undefined && entry.port !== port) return false
    return (match.type === 'name' && match.name === name) || (match.type === 'suffix' && name.endsWith(match.suffix))
  })
}

/** Is this address listed, by itself or within a block? */
function listsIp(entries: readonly AddressEntry[], endpoint: Endpoint): boolean {
  const ip = plainIp(endpoint.host)
  const family = familyOf(ip)
  const [metadata, loopback] = [METADATA.check(ip, family), LOOPBACK.check(ip, family)]
  return entries.some(({ match, port }) => {
    if (port !== undefined && port !== endpoint.port) return false
    if (match.type === 'ip') return match.ip === ip
    if (match.type !== 'block' || metadata) return false
    return match.block.check(ip, family) && (match.loopbackOnly || !loopback)
  })
}

/**
 * May we connect to `ip`, which `host` was resolved to? A listed name does not reach this machine or a metadata service:
 * whoever answers for the name would choose what we talk to (SEC-19). Only `localhost` names loopback.
 */
export function allows(entries: readonly AddressEntry[], to: Endpoint & { readonly ip: string }): boolean {
  if (listsIp(entries, { host: to.ip, port: to.port })) return true
  if (isIP(to.host) || !listsName(entries, to)) return false
  const ip = plainIp(to.ip)
  if (METADATA.check(ip, familyOf(ip))) return false
  return !LOOPBACK.check(ip, familyOf(ip)) || withoutDot(to.host.toLowerCase()) === 'localhost'
}

/** For what is not resolved here: a name by its name, an address by its address. */
export function lists(entries: readonly AddressEntry[], endpoint: Endpoint): boolean {
  return isIP(endpoint.host) ? listsIp(entries, endpoint) : listsName(entries, endpoint)
}
