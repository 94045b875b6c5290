/** Identity in the mock: one open question, who reports each machine, what was merged. */
import type { CiMerge, IdentityReview, JunkValue } from '@muster/shared/api/identity.ts';
import { DAY_MS, HOUR_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { Machine, World } from '../world.ts';
import { traces } from './cmdb.ts';

export function identityHandlers(world: World): Handlers {
  const [first, second, third] = world.machines;
  const ref = ({ detail: { id, name, class: ciClass } }: Machine) => ({ id, name, class: ciClass });
  const ago = (ms: number) => toIso(world.startMs - ms);
  const junk: JunkValue[] = [
    {
      id: 'junk_1',
      kind: 'serial',
      value: 'PF-TEST-0001*',
      note: null,
      at: ago(9 * DAY_MS),
      actor: 'user:admin',
    },
  ];
  let reviews: IdentityReview[] = first && second && third ? [question(first, second)] : [];
  const merges: CiMerge[] =
    first && third
      ? [
          {
            id: 'merge_1',
            at: ago(3 * DAY_MS),
            actor: 'user:admin',
            keep: ref(first),
            other: { ...ref(third), name: `${third.detail.name}-old` },
            undoneAt: null,
            undoneBy: null,
          },
        ]
      : [];

  function question(known: Machine, asking: Machine): IdentityReview {
    const uuid = '4c4c4544-0058-4b10-8032-b7c04f515a32';
    return {
      id: 'rev_1',
      state: 'open',
      openedAt: ago(5 * HOUR_MS),
      lastAt: ago(HOUR_MS),
      ci: ref(asking),
      reporter: { source: 'third-party', id: 'b1946ac9-2492-4d3a' },
      rule: 'mainboard-swap',
      reason: 'same serial and model but another UUID, and nothing else agrees; a person decides',
      candidates: [
        {
          ...ref(known),
          reason: 'differs in uuid, hostname',
          keys: [
            { key: 'serial', reported: '7XK2Q93', held: '7XK2Q93', verdict: 'equal' },
            { key: 'uuid', reported: uuid, held: uuid.replace('0058', '0031'), verdict: 'differs' },
            { key: 'boardSerial', reported: null, held: 'CN-0X1', verdict: 'absent' },
            { key: 'hostname', reported: asking.detail.name, held: known.detail.name, verdict: 'differs' },
            { key: 'manufacturer', reported: 'Dell', held: 'Dell', verdict: 'equal' },
            { key: 'model', reported: 'PowerEdge R650', held: 'PowerEdge R650', verdict: 'equal' },
            {
              key: 'macs',
              reported: 'd0:94:66:01:02:03',
              held: 'd0:94:66:0a:0b:0c d0:94:66:0a:0b:0d',
              verdict: 'differs',
            },
          ],
          lifecycle: known.detail.lifecycle,
          lastSeenAt: ago(HOUR_MS / 60),
          sources: ['agent'],
        },
      ],
      decidedCi: null,
      decidedBy: null,
      decidedAt: null,
      mergeId: null,
    };
  }

  return {
    ciIdentity: ({ params }) => {
      const machine = world.machines.find(({ detail }) => detail.id === params.id);
      if (!machine) return { items: [], reporters: [], pins: [], merges: [], reviewId: null };
      const { agentId } = machine.detail;
      return {
        items: traces(machine, world),
        reporters: [
          {
            source: 'agent' as const,
            id: agentId ?? 'agt_1',
            firstAt: ago(90 * DAY_MS),
            lastAt: ago(HOUR_MS),
            owns: ['hardware', 'os', 'network', 'storage', 'software'],
          },
          {
            source: 'third-party' as const,
            id: 'b1946ac9-2492-4d3a',
            firstAt: ago(20 * DAY_MS),
            lastAt: ago(DAY_MS),
            owns: [],
          },
        ],
        pins: second
          ? [
              {
                id: 'pin_1',
                kind: 'never-same' as const,
                at: ago(4 * DAY_MS),
                actor: 'user:admin',
                ci: ref(machine),
                other: ref(second),
                reporter: null,
              },
            ]
          : [],
        merges,
        reviewId: null,
      };
    },
    listIdentityReviews: () => ({ items: reviews, open: reviews.length }),
    decideIdentityReview: ({ params, body }) => {
      const review = reviews.find(({ id }) => id === params.id);
      if (!review) throw new Refusal(404, 'not-found', `There is no review ${params.id}.`);
      reviews = reviews.filter(({ id }) => id !== params.id);
      return {
        ...review,
        state: 'same' in body ? 'same' : 'new',
        mergeId: 'same' in body ? 'merge_1' : null,
      };
    },
    mergePreview: ({ query }) => ({
      keep: { id: query.keep, name: query.keep, class: 'Server' },
      others: [],
      conflicts: [{ kind: 'field', name: 'owner', keep: 'Anna', other: 'Bo', otherId: query.others }],
      taken: [{ name: 'assetNumber', value: 'A-7', otherId: query.others }],
      sections: [{ section: 'software', otherId: query.others }],
      relations: 2,
    }),
    mergeCis: ({ body }) => ({ id: body.keep, merges }),
    undoMerge: () => {
      const [merge] = merges;
      if (!merge) throw new Refusal(404, 'not-found', 'There is no such merge.');
      return { ...merge, undoneAt: ago(0), undoneBy: 'user:admin' };
    },
    splitCi: ({ params }) => ({ id: params.id }),
    removePin: () => ({}),
    listJunkValues: () => ({ items: junk }),
    addJunkValue: ({ body }) => {
      const value = { ...body, id: `junk_${junk.length + 1}`, at: ago(0), actor: 'user:admin' };
      junk.push(value);
      return value;
    },
    removeJunkValue: ({ params }) => {
      junk.splice(
        junk.findIndex(({ id }) => id === params.id),
        1,
      );
      return {};
    },
  };
}
