/** `net_admin` is `CAP_NET_ADMIN`; `ALL` stays (docker/cli opts/capabilities.go). */
export function capabilityName(written: string): string {
  const name = written.trim().toUpperCase()
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
}
