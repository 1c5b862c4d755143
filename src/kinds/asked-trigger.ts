/**
 * A trigger is called as the resource that it speaks of, `target/Kind/name`, or by one word where a person asks (rule 4).
 * What a person asks for is done also where nothing runs: else it would be done when somebody starts it, much later.
 */
export const isAsked = (trigger: string): boolean => !trigger.includes('/')
