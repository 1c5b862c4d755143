/** Go's regexp package refuses the expression; the message says why. */
export class NotRe2 extends Error {}
