/** A machine that units, programs, files, users and binaries live on. */
export interface HostSpec {
  readonly name: string
  readonly connection:
    | { readonly type: 'local' }
    | {
        readonly type: 'ssh'
        readonly address: string
        readonly port: number
        readonly user: string
        /** As in known_hosts after the host's name; another one is refused. */
        readonly hostKey: string
        readonly credential?: string
        /** Name of the Host that it is reached through. */
        readonly jump?: string
      }
  /** `none`: it only observes, unless the user is root. */
  readonly become: 'sudo' | 'none'
  readonly labels: Readonly<Record<string, string>>
  readonly supervisor: {
    /** Its main file. */
    readonly config: string
    /** The folder that its `[include]` reads. */
    readonly programs: string
    /** `unix:///path`, or an http address. */
    readonly server: string
    readonly credential?: string
  }
}
