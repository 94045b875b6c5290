import { expect, test } from 'vitest';
import { parseLspci, splitPciName } from './lspci.ts';
import { parseLsusb } from './lsusb.ts';

const LSPCI = `00:02.0 VGA compatible controller [0300]: Example Corporation Pixel 5 [Glow] [1234:5678] (rev a1) (prog-if 00 [VGA controller])
	Subsystem: Carrier Inc. Device [abcd:0001]
	Memory at f6c00000 (64-bit, non-prefetchable) [size=4M]
	Memory at e0000000 (64-bit, prefetchable) [size=256M]
	Memory at d0000000 (64-bit, prefetchable) [size=32M]
	Kernel driver in use: glow-drm

10000:e1:00.0 Non-Volatile memory controller [0108]: Example Corporation Device [1234:0002]
	Subsystem: Device [0001:0002]
no device line
`;

test('[IP18] PCI functions with ids, names, driver and the window to their memory', () => {
  expect(parseLspci(LSPCI)).toEqual([
    {
      slot: '00:02.0',
      class: 'VGA compatible controller',
      classId: '0300',
      vendorId: '1234',
      productId: '5678',
      name: 'Example Corporation Pixel 5 [Glow]',
      subsystemVendorId: 'abcd',
      subsystemProductId: '0001',
      subsystemVendor: 'Carrier Inc.',
      revision: 'a1',
      driver: 'glow-drm',
      prefetchableBytes: 288 * 1024 ** 2,
    },
    expect.objectContaining({
      slot: '10000:e1:00.0',
      classId: '0108',
      subsystemVendorId: '0001',
      subsystemVendor: null,
      revision: null,
      driver: null,
      prefetchableBytes: 0,
    }),
  ]);
});

test.each([
  ['Example Corporation Pixel 5', 'Example Corporation', 'Pixel 5'],
  ['Example Chips Co., Ltd. X-1', 'Example Chips Co., Ltd.', 'X-1'],
  ['Example Instruments PCI Bridge', 'Example Instruments', 'PCI Bridge'],
  ['Example Semiconductor Co., Ltd. X-2', 'Example Semiconductor Co., Ltd.', 'X-2'],
  ['Example Devices, Inc. [EX/AM] Card [Glow 5]', 'Example Devices, Inc. [EX/AM]', 'Card [Glow 5]'],
  ['Example Inc. and subsidiaries NIC', 'Example Inc. and subsidiaries', 'NIC'],
  ['Nobody', 'Nobody', ''],
  ['Short Thing', 'Short', 'Thing'],
])('[IP18] %s is of %s', (name, vendor, product) => {
  expect(splitPciName(name)).toEqual({ vendor, product });
});

test('[IP18] a known vendor counts before the words', () => {
  expect(splitPciName('Example Logic / Other Logic Card', 'Example Logic / Other Logic')).toEqual({
    vendor: 'Example Logic / Other Logic',
    product: 'Card',
  });
});

const LSUSB = `
Bus 001 Device 002: ID 1234:abcd Example Works Keyboard
Device Descriptor:
  bDeviceClass            0 (Defined at Interface level)
  bDeviceSubClass         0 
  idVendor           0x1234 Example Works
  idProduct          0xabcd Keyboard
  iManufacturer           1 Example
  iProduct                2 Clicky
  iSerial                 0 
      bInterfaceClass         3 Human Interface Device
      bInterfaceSubClass      1 Boot Interface Subclass
      bInterfaceClass       255 Vendor Specific Class
      bInterfaceSubClass      0 
`;

test('[IP19] USB devices with the names of the list, their own words and each interface', () => {
  expect(parseLsusb(LSUSB)).toEqual([
    {
      vendorId: '1234',
      productId: 'abcd',
      vendorName: 'Example Works',
      productName: 'Keyboard',
      manufacturer: 'Example',
      product: 'Clicky',
      serial: null,
      classCode: 0,
      subclassCode: 0,
      interfaces: [
        { classCode: 3, subclassCode: 1 },
        { classCode: 255, subclassCode: 0 },
      ],
    },
  ]);
});
