/** What every store of fingerprint settings does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FingerprintStore } from '../../fingerprints/store.ts';

export function fingerprintStoreContract(
  name: string,
  open: () => Promise<{ store: FingerprintStore; close: () => Promise<void> }>,
): void {
  describe(`fingerprint store: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('[IN64] what was put is there, and the next replaces it', async () => {
      const { store } = opened;
      expect(await store.all()).toEqual({});
      const first = { Server: ['/etc', '/opt'], VirtualMachine: [], Workstation: ['/etc/ssh'] };
      await store.put(first);
      expect(await store.all()).toEqual(first);
      await store.put({ ...first, Server: ['/srv'] });
      expect(await store.all()).toEqual({ ...first, Server: ['/srv'] });
    });
  });
}
