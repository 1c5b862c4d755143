export interface StubAnswer {
  readonly status: number
  readonly body: unknown
  /** A list, of which a page is shown. */
  readonly paged?: boolean
  /** Where a page is a property of the answer. */
  readonly wrap?: (items: readonly unknown[]) => unknown
}

export const refused = (status: number, message: string, errors?: readonly unknown[]): StubAnswer => ({
  status,
  body: {
    message,
    ...(errors && { errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  },
})

interface Page {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The page that was asked for, and where the others are, in GitHub's words. */
export function pageOf(answer: StubAnswer, query: Readonly<Record<string, string>>, url: string): Page {
  if (!answer.paged) return { body: answer.body, headers: {} }
  const items = answer.body as readonly unknown[]
  const size = Math.min(Number(query.per_page ?? 30), 100)
  const page = Number(query.page ?? 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const shown = items.slice((page - 1) * size, page * size)
  const link = (to: number, rel: string) => {
    const search = new URLSearchParams({ ...query, page: String(to) })
    return `<${url}?${search}>; rel="${rel}"`
  }
  const before = page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []
  const after = page < last ? [link(page + 1, 'next'), link(last, 'last')] : []
  const links = [...before, ...after]
  return {
    body: answer.wrap ? answer.wrap(shown) : shown,
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}
