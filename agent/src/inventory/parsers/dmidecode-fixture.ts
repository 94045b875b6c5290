/** A made-up report of dmidecode, for tests. */
export const DMIDECODE_REPORT = `# dmidecode 3.3
Getting SMBIOS data from sysfs.
SMBIOS 3.2.0 present.

Handle 0x0000, DMI type 0, 26 bytes
BIOS Information
	Vendor: Firm & Ware
	Version: 1.2
	Release Date: 03/04/2021
	Characteristics:
		PCI is supported
		5.25"/360 kB floppy services are supported (int 13h)

Handle 0x0001, DMI type 1, 27 bytes
System Information
	Manufacturer: Example Works
	Product Name: Crate 900
	Version: Not Specified
	Serial Number: EX-0042
	UUID: 01020304-0506-0708-090A-0B0C0D0E0F10
	SKU Number: To Be Filled By O.E.M.

Handle 0x0002, DMI type 2, 15 bytes
Base Board Information
	Manufacturer: Example Works
	Product Name: BOARD    7   
	Version: Unknown
	Serial Number: B-77

Handle 0x0003, DMI type 3, 22 bytes
Chassis Information
	Manufacturer: Chassis Manufacture
	Type: Notebook
	Lock: Not Present
	Serial Number: None
	Asset Tag: A-5

Handle 0x0004, DMI type 4, 48 bytes
Processor Information
	Socket Designation: U3E1
	Type: Central Processor
	Family: Fast
	Manufacturer: Example
	ID: EA 06 09 00 FF FB EB BF
	Signature: Type 0, Family 6, Model 58, Stepping A
	Version: Example(R) Fast(TM) CPU 12 @ 2.50GHz
	External Clock: 100 MHz
	Max Speed: 4000 MHz
	Current Speed: 2400 MHz
	Status: Populated, Enabled
	Core Count: 4
	Core Enabled: 4
	Thread Count: 8

Handle 0x0005, DMI type 4, 48 bytes
Processor Information
	Socket Designation: U3E2
	Type: Central Processor
	Status: Unpopulated

Handle 0x0006, DMI type 8, 9 bytes
Port Connector Information
	Internal Reference Designator: J1
	Internal Connector Type: None
	External Reference Designator: USB 1
	External Connector Type: Access Bus (USB)
	Port Type: USB

Handle 0x0007, DMI type 9, 17 bytes
System Slot Information
	Designation: SLOT1
	Type: x16 PCI Express 3
	Current Usage: Available
	ID: 1
	Bus Address: 0000:00:01.0

Handle 0x0008, DMI type 9, 17 bytes
System Slot Information
	Designation: SLOT2
	Type: PCI
	Current Usage: Unknown

Handle 0x1000, DMI type 16, 23 bytes
Physical Memory Array
	Use: System Memory
	Error Correction Type: Multi-bit ECC
	Number Of Devices: 3

Handle 0x1100, DMI type 17, 92 bytes
Memory Device
	Array Handle: 0x1000
	Size: 8 GB
	Form Factor: SODIMM
	Locator: DIMM 0
	Type: DDR4
	Speed: 3200 MT/s
	Manufacturer: 802C0000802C
	Serial Number: 00C0FFEE
	Part Number: PART-1----------

Handle 0x1101, DMI type 17, 92 bytes
Memory Device
	Array Handle: 0x1000
	Size: No Module Installed
	Locator: DIMM 1
	Type: Unknown
	Speed: Unknown
	Manufacturer: Manufacturer1
	Part Number: Array1_PartNumber1

Handle 0x1102, DMI type 17, 92 bytes
Memory Device
	Array Handle: 0x1000
	Size: 2048 MB
	Locator: DIMM 2
	Type: <OUT OF SPEC>
	Speed: 1067 MHz (0.9 ns)
	Manufacturer: Hynix
	Part Number: HMT0EXAMPLE

Handle 0x1600, DMI type 22, 26 bytes
Portable Battery
	Manufacturer: Battery & Co
	Name: CELL 1
	Design Capacity: 23000 mWh
	Design Voltage: 11400 mV
	SBDS Serial Number: 0ABC
	SBDS Manufacture Date: 2019-07-08
	SBDS Chemistry: LiP

Handle 0x2700, DMI type 39, 22 bytes
System Power Supply
	Name: PSU A
	Manufacturer: Example Works
	Serial Number: P1
	Model Part Number: P-1
	Max Power Capacity: 350 W
	Status: Present, OK
	Plugged: Yes
	Hot Replaceable: Yes

Handle 0x2701, DMI type 39, 22 bytes
System Power Supply
	Name: PSU B
	Status: Not Present
	Plugged: No

Handle 0x2702, DMI type 39, 22 bytes
System Power Supply
	Name: To Be Filled By O.E.M.
	Status: Present, OK
	Plugged: Yes
`;
