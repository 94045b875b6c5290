/** Operating systems by the names that people know them by. Pure. */

const NAMES: Readonly<Record<string, string>> = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' };

/** `platform`: as the agent tells it; one that is not known stands as it came. */
export function platformName(platform: string): string {
  return Object.hasOwn(NAMES, platform) ? (NAMES[platform] ?? platform) : platform;
}
