/** Where a column of a spreadsheet may go, and which target a heading suggests, in English and Chinese. Pure. */
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';

export const FIELD_TARGETS = [
  'name',
  'class',
  'assetNumber',
  'lifecycle',
  'criticality',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;
export type FieldTarget = (typeof FIELD_TARGETS)[number];
export const RELATION_TARGETS = ['relation:user', 'relation:location'] as const;
export type RelationTarget = (typeof RELATION_TARGETS)[number];

export function isFieldTarget(target: string): target is FieldTarget {
  return (FIELD_TARGETS as readonly string[]).includes(target);
}

/** Other words for what the titles of fields and attributes say; as compared, see headingKey. */
const WORDS: Readonly<Record<string, string>> = {
  name: 'name',
  devicename: 'name',
  computername: 'name',
  hostname: 'name',
  名称: 'name',
  设备名称: 'name',
  计算机名: 'name',
  主机名: 'name',
  class: 'class',
  type: 'class',
  category: 'class',
  类别: 'class',
  分类: 'class',
  类型: 'class',
  asset: 'assetNumber',
  assettag: 'assetNumber',
  assetnumber: 'assetNumber',
  assetno: 'assetNumber',
  assetid: 'assetNumber',
  inventorynumber: 'assetNumber',
  资产编号: 'assetNumber',
  设备编号: 'assetNumber',
  固定资产编号: 'assetNumber',
  编号: 'assetNumber',
  status: 'lifecycle',
  state: 'lifecycle',
  lifecycle: 'lifecycle',
  状态: 'lifecycle',
  生命周期: 'lifecycle',
  criticality: 'criticality',
  关键度: 'criticality',
  重要性: 'criticality',
  owner: 'owner',
  responsible: 'owner',
  责任人: 'owner',
  负责人: 'owner',
  supportgroup: 'supportGroup',
  支持组: 'supportGroup',
  site: 'site',
  place: 'site',
  地点: 'site',
  tags: 'tags',
  labels: 'tags',
  标签: 'tags',
  user: 'relation:user',
  username: 'relation:user',
  assignedto: 'relation:user',
  usedby: 'relation:user',
  使用人: 'relation:user',
  使用者: 'relation:user',
  领用人: 'relation:user',
  location: 'relation:location',
  room: 'relation:location',
  office: 'relation:location',
  位置: 'relation:location',
  存放位置: 'relation:location',
  存放地点: 'relation:location',
  serial: 'attribute:serial',
  serialno: 'attribute:serial',
  serialnumber: 'attribute:serial',
  sn: 'attribute:serial',
  servicetag: 'attribute:serial',
  序列号: 'attribute:serial',
  make: 'attribute:manufacturer',
  brand: 'attribute:manufacturer',
  vendor: 'attribute:manufacturer',
  manufacturer: 'attribute:manufacturer',
  品牌: 'attribute:manufacturer',
  厂商: 'attribute:manufacturer',
  制造商: 'attribute:manufacturer',
  model: 'attribute:model',
  型号: 'attribute:model',
  规格型号: 'attribute:model',
  purchased: 'attribute:purchaseDate',
  purchasedate: 'attribute:purchaseDate',
  dateofpurchase: 'attribute:purchaseDate',
  购买日期: 'attribute:purchaseDate',
  购置日期: 'attribute:purchaseDate',
  购买时间: 'attribute:purchaseDate',
  采购日期: 'attribute:purchaseDate',
  warranty: 'attribute:warrantyEnd',
  warrantyend: 'attribute:warrantyEnd',
  warrantyuntil: 'attribute:warrantyEnd',
  warrantyexpires: 'attribute:warrantyEnd',
  保修截止: 'attribute:warrantyEnd',
  保修期至: 'attribute:warrantyEnd',
  保修到期: 'attribute:warrantyEnd',
  保修期限: 'attribute:warrantyEnd',
  supplier: 'attribute:supplier',
  供应商: 'attribute:supplier',
  cost: 'attribute:cost',
  price: 'attribute:cost',
  purchaseprice: 'attribute:cost',
  价格: 'attribute:cost',
  金额: 'attribute:cost',
  原值: 'attribute:cost',
  购置成本: 'attribute:cost',
  currency: 'attribute:currency',
  币种: 'attribute:currency',
  ordernumber: 'attribute:orderNumber',
  订单号: 'attribute:orderNumber',
  invoice: 'attribute:invoiceNumber',
  invoicenumber: 'attribute:invoiceNumber',
  发票号: 'attribute:invoiceNumber',
  costcentre: 'attribute:costCentre',
  costcenter: 'attribute:costCentre',
  成本中心: 'attribute:costCentre',
  condition: 'attribute:condition',
  状况: 'attribute:condition',
  note: 'attribute:note',
  notes: 'attribute:note',
  remarks: 'attribute:note',
  comment: 'attribute:note',
  备注: 'attribute:note',
};

/** One target for each heading; a target that two headings suggest goes to the first. */
export function guessTargets(
  headers: readonly string[],
  className: string,
  registry: ClassRegistry,
): (string | null)[] {
  const titles = new Map<string, string>();
  for (const { name, definition } of registry.attributesOf(className))
    for (const word of [name, definition.title.en, definition.title.zh])
      titles.set(headingKey(word), `attribute:${name}`);
  const taken = new Set<string>();
  return headers.map((header) => {
    const key = headingKey(header);
    const target = WORDS[key] ?? titles.get(key) ?? null;
    if (target === null || taken.has(target)) return null;
    taken.add(target);
    return target;
  });
}

export function headingKey(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/\(.*?\)|（.*?）/g, '')
    .replaceAll(/[\s_.:：#/*-]+/g, '');
}
