/** A network. Swarm changes none of it in place: any difference is a replacement (swarm.md 14). */
export interface NetworkSpec {
  readonly name: string
  readonly driver: string
  readonly scope: 'swarm' | 'local'
  readonly attachable: boolean
  readonly internal: boolean
  readonly ingress: boolean
  readonly ipv6: boolean
  /** Only what is declared is compared: the engine fills in the rest. */
  readonly ipam?: Ipam
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly configOnly: boolean
  readonly configFrom?: string
}

export interface Ipam {
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly config: readonly IpamPool[]
}

export interface IpamPool {
  readonly subnet?: string
  readonly ipRange?: string
  readonly gateway?: string
  readonly auxAddresses: Readonly<Record<string, string>>
}

export interface NetworkLive extends Omit<NetworkSpec, 'ipam'> {
  readonly ipam: Ipam
}

/** Of `GET /networks` and `POST /networks/create`. */
export interface WireNetwork {
  Name?: string
  Driver?: string
  Scope?: string
  Attachable?: boolean
  Internal?: boolean
  Ingress?: boolean
  EnableIPv6?: boolean | null
  IPAM?: WireIpam | null
  Options?: Record<string, string> | null
  Labels?: Record<string, string> | null
  ConfigOnly?: boolean
  ConfigFrom?: { Network?: string } | null
}

export interface WireIpam {
  Driver?: string
  Options?: Record<string, string> | null
  Config?: readonly WireIpamPool[] | null
}

interface WireIpamPool {
  Subnet?: string
  IPRange?: string
  Gateway?: string
  AuxiliaryAddresses?: Record<string, string> | null
}
