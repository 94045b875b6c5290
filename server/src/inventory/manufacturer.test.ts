import { expect, test } from 'vitest';
import { canonicalManufacturer, canonicalModel } from './manufacturer.ts';

test.each([
  ['Dell Inc.', 'Dell'],
  ['Dell Computer Corporation', 'Dell'],
  ['Hewlett-Packard', 'HP'],
  ['HP Inc.', 'HP'],
  ['Hewlett Packard Enterprise', 'HPE'],
  ['LENOVO', 'Lenovo'],
  ['ASUSTeK COMPUTER INC.', 'ASUS'],
  ['Micro-Star International Co., Ltd.', 'MSI'],
  ['Gigabyte Technology Co., Ltd.', 'Gigabyte'],
  ['FUJITSU CLIENT COMPUTING LIMITED', 'Fujitsu'],
  ['Super Micro Computer, Inc.', 'Supermicro'],
  ['innotek GmbH', 'Oracle'],
  ['Huawei Technologies Co., Ltd.', 'Huawei'],
  ['Acme Computers Co., Ltd.', 'Acme Computers'],
  ['System manufacturer', null],
  ['To Be Filled By O.E.M.', null],
  ['To Be Filled By O.E.M. by More String', null],
  ['Manufacturer', null],
  ['Unknow', null],
  ['', null],
  [null, null],
])('[IN46] the maker %s is spelt %s', (reported, expected) => {
  expect(canonicalManufacturer(reported)).toBe(expected);
});

test.each([
  ['OptiPlex  7050', 'OptiPlex 7050'],
  ['System Product Name', null],
  ['All Series', null],
  ['Default string', null],
  ['System Name', null],
  ['SKU', null],
  ['1.0', null],
  ['System x3650 M5', 'System x3650 M5'],
  [null, null],
])('[IN46] the model %s becomes %s', (reported, expected) => {
  expect(canonicalModel(reported)).toBe(expected);
});
