/** Names of roles, also of the one that only tokens have. */
import type { TokenRole } from '@muster/shared/api/rights.ts';
import type { Key } from '../../i18n/catalogue.ts';

export function roleWord(role: TokenRole): Key {
  return role === 'sender' ? 'settings.tokens.sender' : `states.role.${role}`;
}
