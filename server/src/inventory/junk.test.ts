import { expect, test } from 'vitest';
import {
  isJunkHostname,
  isJunkMac,
  isJunkMachineId,
  isJunkSerial,
  isJunkUuid,
  isPlaceholder,
} from './junk.ts';

test.each([
  'To Be Filled By O.E.M.',
  'to be filled by o.e.m',
  'Default string',
  'DEFAULTSTRING',
  'System Serial Number',
  'Chassis Serial Number',
  'Base Board Serial Number',
  'None',
  'N/A',
  'Not Specified',
  'Not Applicable',
  'INVALID',
  'OEM',
  '0',
  '00',
  '00000000',
  'XXXXXXXX',
  '........',
  '1111111',
  '0123456789',
  '123456789',
  '1234567890',
  '12345678901234567890',
  '0123456789ABCDEF',
  '123456789ABCDEFGH',
  '9876543210',
  'MB-1234567890',
  'SSN12345678901234567890',
  'BSN12345678901234567890',
  'NB-1234567890',
  'SerNum0',
  '#A123456789',
  '12345678901234567890123456789012',
  'Asset-1234567890',
  'No Asset Tag',
  'Chassis Asset Tag',
  '............',
  '(null string)',
  'Unknow',
  'unassigned',
  'EVAL',
  'IATPASS',
  'Tulip Computers',
  'SystemSerialNumb',
  'Serial Number xxxxxx',
  'No Serial Number',
  'Type2 - Board Serial Number',
  'OEM_Serial',
  'Service Tag',
  'To be filled by O.E.M. SN',
  '123456789000',
  'MB00000000',
  'SYS-9876543210',
  'SN12345678',
  'SN-0000000000',
  'Serial Number 01',
])('[IN41] "%s" is no serial number', (serial) => {
  expect(isJunkSerial(serial)).toBe(true);
});

test.each([
  '7XK2QZ2',
  'PF1A2B3C',
  'CZC1234567',
  'VMware-564d1a2b3c4d5e6f-708192a3b4c5d6e7',
  'GoogleCloud-6F3A2B1C',
  '5CG9123ABC',
  'C02XK1ABJGH5',
  '100000012345678',
  'S4EVNF0M123456',
  'BSN4711',
  'SNX4711',
  'SN48213377',
  'Serial No 20394817',
  'PF000001',
  '1234000',
  '65432100071',
  'MXL0123456',
  '2102310QPD10G8000123',
])('[IN41] "%s" is a serial number', (serial) => {
  expect(isJunkSerial(serial)).toBe(false);
});

test.each([
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  '03020100-0504-0706-0809-0a0b0c0d0e0f',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '6ab5b300-538d-1014-9fb5-b0684d007b53',
  '01010101-0101-0101-0101-010101010101',
  '00000000-0000-0000-0000-000000000002',
  '00010002-0003-0004-0005-000600070008',
])('[IN42] the UUID %s is shared by many machines', (uuid) => {
  expect(isJunkUuid(uuid)).toBe(true);
});

test('[IN42] a UUID made from a service tag or a MAC is a good one', () => {
  expect(isJunkUuid('4c4c4544-0058-4b10-8032-b7c04f515a32')).toBe(false);
  expect(isJunkUuid('00000000-0000-0000-0000-d05099123456')).toBe(false);
});

test.each([
  '00:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
  '01:00:5e:00:00:01',
  '00:50:56:c0:00:08',
  '0a:00:27:00:00:00',
  '52:54:00:12:34:56',
  '02:00:4c:4f:4f:50',
  '00:ff:1a:2b:3c:4d',
  '00:05:9a:3c:7a:00',
  '88:88:88:88:87:88',
  '02:00:4e:43:50:49',
  '20:41:53:59:4e:ff',
  '24:b6:20:52:41:53',
  '44:45:53:54:42:00',
  '00:1a:7d:da:71:0a',
  '00:0b:ca:fe:00:00',
  'ac:de:48:00:11:22',
])('[IN43] the MAC %s is shared by many machines', (mac) => {
  expect(isJunkMac(mac)).toBe(true);
});

test.each([
  '3c:ec:ef:01:02:03',
  '00:50:56:9a:01:02',
  '52:54:00:9f:3e:21',
  '00:0c:29:3e:11:70',
  '00:15:5d:01:0a:03',
  '00:1a:7d:01:02:03',
  'ac:de:48:0a:0b:0c',
])('[IN43] the MAC %s names one port', (mac) => {
  expect(isJunkMac(mac)).toBe(false);
});

test('[IN45] names and machine-ids that every image has are junk', () => {
  expect(isJunkHostname('localhost')).toBe(true);
  expect(isJunkHostname('web-01')).toBe(false);
  expect(isJunkMachineId('0'.repeat(32))).toBe(true);
  expect(isJunkMachineId('d41d8cd98f00b204e9800998ecf8427e')).toBe(true);
  expect(isJunkMachineId('3d1219c7c4c5404aaa1f6d2a48adfda4')).toBe(false);
});

test('[IN46] placeholders are found whatever their punctuation', () => {
  expect(isPlaceholder('To be filled by O.E.M.')).toBe(true);
  expect(isPlaceholder('Dell Inc.')).toBe(false);
});
