/** The account of the first start. */
import type { Millis } from '@muster/shared/time.ts';
import { newId } from '../ids.ts';
import type { RecordAudit } from './audit.ts';
import { hashPassword, type PasswordCost } from './password.ts';
import { newPassword } from './secret.ts';
import type { AccessStore } from './store.ts';

export const FIRST_ADMINISTRATOR_NAME = 'admin';

/**
 * Adds `admin` while there is no user at all. Resolves to null when there are users; otherwise to the password that
 * was made up (to be shown once), or to `password: null` when the configured one was taken.
 */
export async function ensureFirstAdministrator(deps: {
  store: AccessStore;
  record: RecordAudit;
  configuredPassword: string | null;
  nowMs: Millis;
  /** For tests: that of the product where it is left out. */
  passwordCost?: PasswordCost;
}): Promise<{ name: string; password: string | null } | null> {
  const { store, record, configuredPassword, nowMs, passwordCost } = deps;
  const [anybody] = await store.listUsers({ limit: 1, after: null });
  if (anybody !== undefined) return null;
  const made = configuredPassword === null ? newPassword() : null;
  const id = newId('usr', nowMs);
  const added = await store.addFirstUser({
    id,
    name: FIRST_ADMINISTRATOR_NAME,
    displayName: 'Administrator',
    role: 'admin',
    language: null,
    disabled: false,
    passwordHash: await hashPassword(configuredPassword ?? made ?? '', passwordCost),
    createdAtMs: nowMs,
    lastSignInAtMs: null,
  });
  if (!added) return null;
  await record({
    actor: 'system',
    action: 'user.created',
    subject: id,
    detail: { name: FIRST_ADMINISTRATOR_NAME, role: 'admin', reason: 'first start' },
  });
  return { name: FIRST_ADMINISTRATOR_NAME, password: made };
}
