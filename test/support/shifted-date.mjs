// Loaded before a program: the clock on its wall is ahead by SHIFT_MS. Ages and deadlines do not notice.
const shift = Number(process.env.SHIFT_MS ?? 0)
const RealDate = Date

globalThis.Date = class extends RealDate {
  /** @param {...any} args */
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift)
    else super(.../** @type {[any]} */ (args))
  }
  static now() {
    return RealDate.now() + shift
  }
}
