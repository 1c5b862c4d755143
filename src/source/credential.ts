import type { Sensitive } from '../model/sensitive.ts'

export type GitAuth = { readonly token: Sensitive } | { readonly username: string; readonly password: Sensitive }

/** Value of the `Authorization` header. GitHub, GitLab and Gitea take a token as the password of any user. */
export function authorizationOf(auth: GitAuth): string {
  const [user, secret] = 'token' in auth ? ['x-access-token', auth.token] : [auth.username, auth.password]
  return `Basic ${Buffer.from(`${user}:${secret.revealText()}`).toString('base64')}`
}

/** Takes credentials out of what other programs say: ours in every form, and whatever stands before an `@` in an address. */
export type Scrub = (text: string) => string

export function createScrub(auth: GitAuth | undefined): Scrub {
  const forms = auth === undefined ? [] : formsOf(auth)
  return (text) => {
    const hidden = forms.reduce((rest, form) => rest.replaceAll(form, '[REDACTED]'), text)
    return hidden.replace(/\/\/[^/\s@]*@/g, '//[REDACTED]@').replace(/\?\S+/g, '?[REDACTED]')
  }
}

function formsOf(auth: GitAuth): readonly string[] {
  const secret = ('token' in auth ? auth.token : auth.password).revealText()
  const basic = authorizationOf(auth).slice('Basic '.length)
  // The longest first: a form may hold another.
  return [basic, encodeURIComponent(secret), secret].filter((form) => form !== '').sort((a, b) => b.length - a.length)
}
