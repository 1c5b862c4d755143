/** Names that people give to what nobody should read. */
const SECRET_NAME =
  /(^|[_.-])(pass(wd|word|phrase)?|pwd|secrets?|tokens?|api_?keys?|access_?keys?|private_?keys?|secret_?keys?|encryption_?keys?|signing_?keys?|credentials?|auth_?keys?|salt|dsn)([_.-]|\d*$)/i
/** `KEY` alone, or at the end: `APP_KEY`; not `KEY_FILE` or `PRIMARY_KEY_NAME`. */
const KEY_NAME = /(^|_)key$/i
/** A place where it is read from is fine. */
const IS_PLACE = /_(file|path|dir|name|id|url|host|port|user|enabled|ttl|length|expiry|expires?)$/i

/** Values that are one whatever they are called. */
const SECRET_VALUE: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i,
  /\b(gh[oprsu]_|github_pat_|glpat-|xox[abpr]-|[rs]k_live_|sk-ant-|AKIA|SG\.)[-\w.]{12,}/,
  /^eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+$/,
]

/** A variable that most likely holds a credential, by its name or by its value. */
export function isSecretLike(name: string, value: string | null): boolean {
  if (value === null || value === '' || /^(true|false|yes|no|on|off|none|null|\d{1,3})$/i.test(value)) return false
  if (SECRET_VALUE.some((pattern) => pattern.test(value))) return true
  if (IS_PLACE.test(name) || /^(\/run\/secrets\/|\/)[\w./-]+$/.test(value)) return false
  return SECRET_NAME.test(name) || SECRET_NAME.test(snake(name)) || KEY_NAME.test(name)
}

/** `dbPassword` is `db_Password`, and `PGPASSWORD` is `PG_PASSWORD`. */
const snake = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/(?<=\w)(password|passwd|secret|token)$/i, '_$1')

/** Every config can be read by whoever reads the Swarm. */
export function holdsSecret(content: string): boolean {
  if (SECRET_VALUE.slice(0, 1).some((pattern) => pattern.test(content))) return true
  return content.split('\n').some((line) => {
    const match = /^\s*["']?([\w.-]+)["']?\s*[:=]\s*["']?([^"'\s,;#]+)/.exec(line)
    return match !== null && isSecretLike(match[1] ?? '', match[2] ?? '') && !/^[${<%]/.test(match[2] ?? '')
  })
}
