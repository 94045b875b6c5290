/** Two letters in a circle for a person; the name always stands beside it or is its label. */
export function Avatar({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-[22px] flex-none place-items-center rounded-full bg-accent-weak text-[10px] font-semibold text-accent"
    >
      {initials(name)}
    </span>
  );
}

/** Look of a button that is a person's circle. */
export const AVATAR_BUTTON =
  'grid size-7 flex-none place-items-center rounded-full bg-accent-weak text-11 font-semibold text-accent coarse:size-9';

/** Two letters for a Latin name, the last two characters of a Chinese one. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const [first = '', second] = words;
  if (/\p{Script=Han}/u.test(first)) return first.slice(-2);
  return (second === undefined ? first.slice(0, 2) : first.slice(0, 1) + second.slice(0, 1)).toUpperCase();
}
