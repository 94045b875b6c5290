/** Kinds of relations between CIs as data: which ends they have, how many, and which way a failure goes. */
import { CI_CLASSES, type CiClass, isAssetClass, isMachineClass, isPartClass } from './classes.ts';

export interface RelationType {
  /** Read from `from` to `to`, and the other way round. */
  readonly title: { readonly en: string; readonly zh: string };
  readonly inverse: { readonly en: string; readonly zh: string };
  /** Classes of the ends; 'any': each that stands on its own; 'asset', 'machine': that group of classes. */
  readonly from: readonly (CiClass | 'any' | 'asset' | 'machine' | 'part')[];
  readonly to: readonly (CiClass | 'any' | 'asset' | 'machine' | 'part')[];
  /** How many a `from` may have at a time, and a `to`; null: any number. */
  readonly fromMax: 1 | null;
  readonly toMax: 1 | null;
  /** A failure of this end reaches the other; null: of neither. */
  readonly failureOf: 'from' | 'to' | null;
  /** 'person': kept by people; 'derived': Muster finds it in reports; 'both'. */
  readonly by: 'person' | 'derived' | 'both';
}

const ONE = 1 as const;

export const RELATION_TYPES = {
  assignedTo: {
    title: { en: 'is used by', zh: '使用人' },
    inverse: { en: 'uses', zh: '使用' },
    from: ['asset'],
    to: ['Person'],
    fromMax: ONE,
    toMax: null,
    failureOf: 'from',
    by: 'person',
  },
  locatedAt: {
    title: { en: 'is at', zh: '位于' },
    inverse: { en: 'holds', zh: '存放' },
    from: ['asset', 'Location', 'Person', 'Team'],
    to: ['Location'],
    fromMax: ONE,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  ownedBy: {
    title: { en: 'is owned by', zh: '归属于' },
    inverse: { en: 'owns', zh: '拥有' },
    from: ['any'],
    to: ['Organisation', 'Team', 'Person'],
    fromMax: ONE,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  supportedBy: {
    title: { en: 'is supported by', zh: '支持团队' },
    inverse: { en: 'supports', zh: '负责支持' },
    from: ['any'],
    to: ['Team'],
    fromMax: ONE,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  memberOf: {
    title: { en: 'is a member of', zh: '隶属于' },
    inverse: { en: 'has as member', zh: '包含' },
    from: ['Person', 'Team', 'machine', 'NetworkDevice', 'Printer'],
    to: ['Organisation', 'Team', 'Subnet'],
    fromMax: null,
    toMax: null,
    failureOf: null,
    by: 'both',
  },
  hosts: {
    title: { en: 'hosts', zh: '承载' },
    inverse: { en: 'runs on', zh: '运行于' },
    from: ['machine'],
    to: ['VirtualMachine'],
    fromMax: null,
    toMax: ONE,
    failureOf: 'from',
    by: 'both',
  },
  composes: {
    title: { en: 'is made of', zh: '组成部分' },
    inverse: { en: 'is part of', zh: '属于' },
    from: ['machine'],
    to: ['part'],
    fromMax: null,
    toMax: ONE,
    failureOf: 'from',
    by: 'derived',
  },
  attachedTo: {
    title: { en: 'is attached to', zh: '连接于' },
    inverse: { en: 'has attached', zh: '外接' },
    from: ['Peripheral', 'Printer'],
    to: ['machine'],
    fromMax: ONE,
    toMax: null,
    failureOf: 'to',
    by: 'both',
  },
  connectsTo: {
    title: { en: 'connects to', zh: '网络连接到' },
    inverse: { en: 'is connected from', zh: '被连接' },
    from: ['machine', 'NetworkDevice', 'Printer'],
    to: ['machine', 'NetworkDevice'],
    fromMax: null,
    toMax: null,
    failureOf: null,
    by: 'both',
  },
  gatewayOf: {
    title: { en: 'is the gateway of', zh: '网关' },
    inverse: { en: 'goes out through', zh: '出口' },
    from: ['NetworkDevice', 'machine'],
    to: ['Subnet'],
    fromMax: null,
    toMax: null,
    failureOf: 'from',
    by: 'both',
  },
  dependsOn: {
    title: { en: 'depends on', zh: '依赖' },
    inverse: { en: 'carries', zh: '支撑' },
    from: ['Service', 'BusinessApplication', 'machine', 'part'],
    to: ['any', 'part'],
    fromMax: null,
    toMax: null,
    failureOf: 'to',
    by: 'both',
  },
  coveredBy: {
    title: { en: 'is covered by', zh: '受合同保障' },
    inverse: { en: 'covers', zh: '覆盖' },
    from: ['any'],
    to: ['Contract'],
    fromMax: null,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  licensedBy: {
    title: { en: 'is licensed by', zh: '许可证' },
    inverse: { en: 'licenses', zh: '授权给' },
    from: ['machine', 'Person'],
    to: ['Licence'],
    fromMax: null,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  suppliedBy: {
    title: { en: 'is supplied by', zh: '供应商' },
    inverse: { en: 'supplies', zh: '供应' },
    from: ['any'],
    to: ['Supplier'],
    fromMax: ONE,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
  documentedBy: {
    title: { en: 'is documented by', zh: '文档' },
    inverse: { en: 'documents', zh: '说明' },
    from: ['any'],
    to: ['Document'],
    fromMax: null,
    toMax: null,
    failureOf: null,
    by: 'person',
  },
} as const satisfies Record<string, RelationType>;

export type RelationTypeName = keyof typeof RELATION_TYPES;
export const RELATION_TYPE_NAMES = Object.keys(RELATION_TYPES) as [RelationTypeName, ...RelationTypeName[]];

/** Whether a CI of this class may stand at an end that takes these. */
export function endsFit(ends: RelationType['from'], ciClass: CiClass): boolean {
  return ends.some((end) => {
    if (end === 'machine') return isMachineClass(ciClass);
    if (end === 'part') return isPartClass(ciClass);
    if (end === 'any') return !isPartClass(ciClass);
    if (end === 'asset') return Object.hasOwn(CI_CLASSES, ciClass) && isAssetClass(ciClass);
    return end === ciClass;
  });
}
