import fc from 'fast-check';
import { expect, test } from 'vitest';
import { productOf, publisherName } from './product.ts';

const windows = (name: string, version = '1.0', publisher: string | null = null) =>
  productOf({ name, version, publisher, source: 'windows' }).name;

test.each([
  ['Mozilla Firefox (x64 en-US)', '120.0.1', 'Mozilla Firefox'],
  ['Mozilla Firefox 120.0.1 (x64 zh-CN)', '120.0.1', 'Mozilla Firefox'],
  ['Mozilla Firefox ESR (x64 zh-CN)', '115.5.0', 'Mozilla Firefox ESR'],
  ['7-Zip 23.01 (x64)', '23.01', '7-Zip'],
  ['Python 3.11.4 (64-bit)', '3.11.4150.0', 'Python'],
  ['Microsoft Office Professional Plus 2019 - zh-cn', '16.0.1', 'Microsoft Office Professional Plus 2019'],
  [
    'Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.38.33135',
    '14.38.33135.0',
    'Microsoft Visual C++ 2015-2022 Redistributable',
  ],
  ['Java 8 Update 391 (64-bit)', '8.0.3910.13', 'Java 8'],
  ['Notepad++ (64-bit x64)', '8.6', 'Notepad++'],
  ['Microsoft Edge', '119.0.2151.58', 'Microsoft Edge'],
  ['钉钉 7.0.40（64位）', '7.0.40', '钉钉'],
  ['12345', '12345', '12345'],
])('[SW2] %s is the product %s', (name, version, product) => {
  expect(windows(name, version)).toBe(product);
});

test('[SW2] glpi#25032: versions, architectures and languages of one product share one key', () => {
  const keys = ['Mozilla Firefox 119.0 (x64 en-US)', 'Mozilla Firefox 120.0.1 (x86 zh-CN)'].map(
    (name) => productOf({ name, version: '1', publisher: 'Mozilla', source: 'windows' }).key,
  );
  expect(new Set(keys).size).toBe(1);
});

test.each([
  ['Microsoft Corporation', 'Microsoft'],
  ['Beijing Kingsoft Office Software, Inc.', 'Beijing Kingsoft Office Software'],
  ['Tencent Technology Co., Ltd.', 'Tencent Technology'],
  ['深圳市腾讯计算机系统有限公司', '深圳市腾讯计算机系统'],
  ['Debian OpenSSL Team <pkg-openssl-devel@example.org>', 'Debian OpenSSL Team'],
  ['Inc.', 'Inc.'],
  ['', null],
])('[SW3] the publisher %s is called %s', (publisher, name) => {
  expect(publisherName(publisher)).toBe(name);
});

test('[SW3] a package of a distribution is the same product whoever packed it', () => {
  const of = (publisher: string) =>
    productOf({ name: 'openssl', version: '3.0.11-1', publisher, source: 'dpkg' }).key;
  expect(of('Debian')).toBe(of('Ubuntu Developers'));
});

test('[SW2] every name has a product that is itself a fixed point', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 12 }), (name, version) => {
      const once = windows(name, version);
      expect(windows(once, version)).toBe(once);
    }),
  );
});
