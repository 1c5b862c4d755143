/** What may go wrong between us and GitHub, or at GitHub. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string }
  /** No answer, until the other side gives up. */
  | { readonly kind: 'hang' }
  /** The connection breaks. */
  | { readonly kind: 'reset' }
  /** The request is carried out, and its answer is lost. */
  | { readonly kind: 'lost-answer' }
  /** The answer breaks off in its middle. */
  | { readonly kind: 'cut-answer' }
  /** Something in between answers with a page. */
  | { readonly kind: 'page' }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** `seconds` undefined: 403 without `retry-after`. */
  | { readonly kind: 'secondary'; readonly seconds?: number }
  | { readonly kind: 'primary' }

interface FaultPlan {
  readonly fault: Fault
  /** Only requests of this operation, `issues/create-comment`. */
  readonly operation?: string
  /** Requests that it happens to; 1 where it is not said. */
  readonly times?: number
}

export interface Faults {
  plan(plan: FaultPlan): void
  /** Of the request that came in. */
  next(operation: string | undefined): Fault | undefined
  clear(): void
}

export function createFaults(): Faults {
  const waiting: { readonly plan: FaultPlan; left: number }[] = []
  return {
    plan: (plan) => void waiting.push({ plan, left: plan.times ?? 1 }),
    next: (operation) => {
      const first = waiting.find(
        (one) => one.left > 0 && (one.plan.operation === undefined || one.plan.operation === operation),
      )
      if (first) first.left -= 1
      return first?.plan.fault
    },
    clear: () => void waiting.splice(0),
  }
}
