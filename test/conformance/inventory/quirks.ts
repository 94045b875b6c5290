/** Cases whose expected value is wrong or out of scope, each with its reason. A listed case that passes is reported. */

/** `AREA: CASE` → why. */
export const QUIRKS: Readonly<Record<string, string>> = {};
