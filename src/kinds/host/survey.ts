/** What a host has that did not come with its packages, beside what its looks say: the list that an import begins with. */
export interface HostSurvey {
  readonly units: readonly SurveyedUnit[]
  /** Files of supervisord's include folder, without `.conf`. */
  readonly programs: readonly string[]
  /** By path: what units and programs read or run, and no package owns. */
  readonly files: ReadonlyMap<string, SurveyedFile>
  /** Of those that units and programs run as: whether a package may have made them. */
  readonly users: ReadonlyMap<string, { readonly ofPackage: boolean }>
  /** Installed there, and of no form that is declared. */
  readonly apart: readonly { readonly subject: string; readonly message: string }[]
}

export interface SurveyedUnit {
  readonly name: string
  /**
   * Where its file is: `etc` in /etc/systemd/system, `link` a symlink there, `usr-local` in /usr/local/lib/systemd/system,
   * `template` an instance of one of these, `package` with drop-ins of its own there.
   */
  readonly from: 'etc' | 'link' | 'usr-local' | 'template' | 'package'
  /** Of a link or in /usr/local: where the file is. */
  readonly path?: string
  /** Of `systemctl show`. */
  readonly show: Readonly<Record<string, string>>
}

export interface SurveyedFile {
  readonly type: 'script' | 'text' | 'binary'
  readonly bytes: number
  readonly owner: string
  readonly group: string
  /** Octal, four digits. */
  readonly mode: string
  /** Whether every user of the host may read it. What is not for all is never asked for. */
  readonly forAll: boolean
  /** Of its lines `NAME=value`, the names. */
  readonly names: readonly string[]
}
