/** Section `users`: local accounts and the last user. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxUsers } from './linux.ts';

export const users: SectionCollector<'users'> = {
  name: 'users',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: collectLinuxUsers,
      elsewhere: notYetCollected<'users'>({ users: [], lastUser: null }),
    }),
};
