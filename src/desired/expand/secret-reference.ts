/** Where the content of an `Opaque` comes from. A blob is named by its object id, so that a rename is no change. */
export type SecretReference =
  | { readonly type: 'blob'; readonly oid: string }
  | { readonly type: 'settings'; readonly name: string }

export const blobReference = (oid: string): string => `blob:${oid}`
export const settingsReference = (name: string): string => `settings:${name}`

/** Undefined when the text is no reference of ours. */
export function parseSecretReference(text: string): SecretReference | undefined {
  const [, type, rest] = /^(blob|settings):(.+)$/s.exec(text) ?? []
  if (rest === undefined) return undefined
  return type === 'blob' ? { type: 'blob', oid: rest } : { type: 'settings', name: rest }
}
