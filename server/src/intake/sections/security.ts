/** antivirus, firewalls, encrypted drives, remote control → our section `security`. */
import { firstText, sortedBy, text, unique, yesNo } from '../values.ts';
import { type Context, one } from './context.ts';

export const SECURITY_SOURCES = ['antivirus', 'firewalls', 'remote_mgmt', 'drives', 'bios'] as const;

/** Nothing where none of it was told: drives and firmware alone say little of it. */
export function securityPatch({ content, family }: Context): object | null {
  const patch: Record<string, unknown> = {};
  if (content.antivirus)
    patch.antivirus = listed(content.antivirus, (item) => {
      const name = firstText(item, 'name')?.slice(0, 256);
      if (name === undefined) return null;
      return {
        name,
        version: text(item, 'version'),
        enabled: yesNo(item, 'enabled'),
        upToDate: yesNo(item, 'uptodate'),
      };
    });
  if (content.firewalls)
    patch.firewalls = listed(content.firewalls, (item) => ({
      product: text(item, 'description') ?? (family === 'windows' ? 'Windows Firewall' : null),
      profile: text(item, 'profile'),
      enabled: yesNo(item, 'status'),
    }));
  if (content.remote_mgmt)
    patch.remoteControls = listed(content.remote_mgmt, (item) => {
      const product = firstText(item, 'type')?.slice(0, 256);
      return product === undefined ? null : { product, version: text(item, 'version'), id: text(item, 'id') };
    });
  const encrypted = (content.drives ?? []).filter((drive) => text(drive, 'encrypt_status') !== null);
  if (encrypted.length > 0)
    patch.diskEncryption = listed(encrypted, (item) => {
      const volume = firstText(item, 'letter', 'type', 'volumn')?.slice(0, 256);
      return volume === undefined
        ? null
        : {
            volume,
            method: firstText(item, 'encrypt_name', 'encrypt_algo'),
            enabled: yesNo(item, 'encrypt_status'),
          };
    });
  const secureBoot = text(one(content, 'bios'), 'secure_boot');
  if (secureBoot !== null) patch.secureBoot = /^enabled$/i.test(secureBoot);
  return Object.keys(patch).length === 0 ? null : patch;
}

function listed<I, T>(list: readonly I[], of: (item: I) => T | null): T[] {
  const made = list.flatMap((item) => of(item) ?? []);
  return unique(
    sortedBy(made, (entry) => JSON.stringify(entry)),
    (entry) => JSON.stringify(entry),
  ).slice(0, 256);
}
