/** Patterns of instance names, such as `/var*`. Pure. */

/** `*` stands for any text, `?` for one character; everything else for itself. Null takes all. */
export function instanceMatcher(glob: string | null): (instance: string) => boolean {
  return glob === null ? () => true : (instance) => isMatch(glob, instance);
}

/** Only the last star is ever tried anew, so that no pattern takes longer than its length times the text's. */
function isMatch(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  let next = 0;
  while (at < text.length) {
    if (glob[next] === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (next < glob.length && (glob[next] === '?' || glob[next] === text[at])) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(glob.slice(next));
}
