/** Made-up outputs of the tools whose parsers are tested here. */

export const OLD_IFCONFIG = `eth0      Link encap:Ethernet  HWaddr 02:11:22:AA:BB:CC
          inet addr:192.0.2.7  Bcast:192.0.2.255  Mask:255.255.255.0
          inet6 addr: 2001:db8::7/64 Scope:Global
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

tun0      Link encap:UNSPEC  HWaddr 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00
          POINTOPOINT NOARP MULTICAST  MTU:1400  Metric:1
`;

export const NEW_IFCONFIG = `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.0.2.7  netmask 255.255.255.0  broadcast 192.0.2.255
        inet6 2001:db8::7  prefixlen 64  scopeid 0x0<global>
        ether 02:11:22:aa:bb:cc  txqueuelen 1000  (Ethernet)
`;

export const BSD_IFCONFIG = `em0: flags=8843<UP,BROADCAST,RUNNING> metric 0 mtu 1500
\tlladdr 02:11:22:aa:bb:cc
\tinet 192.0.2.7 netmask 0xffffff80 broadcast 192.0.2.127
\tinet6 fe80::11%em0 prefixlen 64 scopeid 0x1
\tmedia: Ethernet autoselect (1000baseT <full-duplex>)
\tstatus: active
`;

export const IP_ADDRESS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: vlan7@eth0: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:11:22:AA:bb:cc brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 192.0.2.7/24 brd 192.0.2.255 scope global vlan7:web
    inet6 2001:db8::7/64 scope global dynamic
3: ppp0: <POINTOPOINT,UP> mtu 1400 qdisc fq
    link/ppp
    inet 198.51.100.2 peer 198.51.100.1/32 scope global ppp0
`;

export const CPUINFO = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
model name\t: Example(R) Chip   @ 2.10GHz
cpu MHz\t\t: 800.000
physical id\t: 0
siblings\t: 4
cpu cores\t: 2
power management:

processor\t: 1
model name\t: Example(R) Chip   @ 2.10GHz
physical id\t: 0

processor\t: 2
model name\t: Example(R) Chip   @ 2.10GHz
physical id\t: 1

Hardware\t: Example Board
Revision\t: 00a1
Serial\t\t: 0000000012345678
`;

export const SMART_ATA = `smartctl 7.3 2022-02-28 r5338 [x86_64-linux] (local build)

=== START OF INFORMATION SECTION ===
Model Family:     Example Disks
Device Model:     EX-1000
Serial Number:    SN42
LU WWN Device Id: 5 00a075 1e5d7c11a
Firmware Version: FW1
User Capacity:    1,000,204,886,016 bytes [1.00 TB]
Rotation Rate:    7200 rpm
SATA Version is:  SATA 3.2, 6.0 Gb/s (current: 6.0 Gb/s)

SMART overall-health self-assessment test result: FAILED!

ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE
  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       8
  9 Power_On_Hours          0x0032   100   100   000    Old_age   Always       -       12
194 Temperature_Celsius     0x0022   067   050   000    Old_age   Always       -       33 (Min/Max 20/50)
197 Current_Pending_Sector  0x0012   100   100   000    Old_age   Always       -       2
`;

export const SMART_ATA_JSON = JSON.stringify({
  model_family: 'Example Disks',
  model_name: 'EX-1000',
  serial_number: 'SN42',
  wwn: { naa: 5, oui: 0x00a075, id: 0x1e5d7c11a },
  firmware_version: 'FW1',
  user_capacity: { bytes: 1_000_204_886_016 },
  rotation_rate: 7200,
  device: { protocol: 'ATA' },
  sata_version: { string: 'SATA 3.2' },
  smart_status: { passed: false },
  ata_smart_attributes: {
    table: [
      { id: 5, raw: { value: 8 } },
      { id: 197, raw: { value: 2 } },
    ],
  },
  power_on_time: { hours: 12 },
  temperature: { current: 33 },
});

export const UUID_A = 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg';
export const UUID_B = 'hhhhhh-iiii-jjjj-kkkk-llll-mmmm-nnnnnn';

export const DOMAIN_XML = `<domain type='kvm' id='3'>
  <name>web &amp; mail</name><uuid>0D1E2F30-0000-4000-8000-000000000001</uuid>
  <memory unit='KiB'>2097152</memory><vcpu placement='static'>2</vcpu>
  <devices><interface type='bridge'><mac address='52:54:00:AA:00:01'/></interface></devices>
</domain>`;

export const VBOX = `Name:            build
Groups:          /
Guest OS:        Other Linux (64-bit)
UUID:            0d1e2f30-0000-4000-8000-000000000002
Memory size:     512MB
Number of CPUs:  2
State:           running (since 2020-01-01T00:00:00.000000000)
NIC 1:           MAC: 080027AABBCC, Attachment: NAT
Name:            a filter
Name: 'share', Host path: '/srv' (machine mapping), writable
`;

export const XEN = `Name                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                     0  1024     4     r-----    100.1
web one                      2   512     1     -b----      9.9
asleep                       -   256     1                 0.0
`;

export const WMI = `\r\n\r\nDeviceID=C:\r\nDriveType=3\r\nSize=1048576\r\nFileSystem=NTFS\r\nFlags={1,2}\r\nGuid={0D1E2F30-0000-4000-8000-000000000003}\r\nNames={"a","b &amp; c"}\r\nEmpty=\r\n\r\n\r\nDeviceID=Z:\r\nDriveType=4\r\nFileSystem=NTFS\r\nProviderName=\\\\server\\share\r\n`;

const UNINSTALL = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const UNINSTALL_32 =
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const UNINSTALL_USER =
  'HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

export const REG = `Windows Registry Editor Version 5.00

[${UNINSTALL}\\{AAAA}]
"DisplayName"="Editor \\"Pro\\""
"DisplayVersion"="2.1"
"InstallDate"="20240229"
"EstimatedSize"=dword:00000400
"Path"=hex(2):43,00,3a,00,5c,00,\\
  78,00,00,00
"Many"=hex(7):61,00,00,00,62,00,00,00,00,00

[${UNINSTALL_32}\\{AAAA}]
"DisplayName"="Editor \\"Pro\\""
"DisplayVersion"="2.1"

[${UNINSTALL}\\Editor_KB5034441]
"DisplayName"="Security Update for Editor (KB5034441)"
"ParentDisplayName"="Editor"

[${UNINSTALL_USER}\\Chat]
"DisplayName"="Chat"

[${UNINSTALL}\\Nameless]
"DisplayVersion"="1"

[${UNINSTALL_32}\\{aaaa}]
"DisplayName"="Editor \\"Pro\\""
"DisplayVersion"="2.1"
`;

export const PROFILER = `Hardware:

    Hardware Overview:

      Processor Speed: 2,4 GHz
      Number Of Processors: 1
      Total Number Of Cores: 2
      Memory: 4 GB

Memory:

    Memory Slots:

      ECC: Disabled

        BANK 0/DIMM0:

          Size: 2 GB
          Type: DDR3
          Speed: 1067 MHz
          Part Number: 0x41422D31200000
          Serial Number: 0x00000001

        BANK 0/DIMM1:

          Size: Empty

Graphics/Displays:

    Card:

      Chipset Model: Chip 9
      Bus: PCIe
      VRAM (Total): 2 GB
      Displays:
        Off:
          Status: No Display Connected
        On:
          Resolution: 1920 x 1080 @ 60 Hz
`;

export const PLIST = `<?xml version="1.0"?><!DOCTYPE plist PUBLIC "x" "y"><plist version="1.0"><array><dict>
<key>_items</key><array>
<dict><key>_name</key><string>Bus</string><key>_items</key><array>
<dict><key>_name</key><string>Stick </string><key>bsd_name</key><string>disk4</string><key>serial_num</key><string>S1</string>
<key>manufacturer</key><string>TOSHIBA</string><key>size_in_bytes</key><integer>1048576</integer></dict>
<dict><key>_name</key><string>Reader</string><key>bsd_name</key><string>disk5</string><key>Built-in_Device</key><string>Yes</string></dict>
<dict><key>_name</key><string>Optical drive</string></dict>
<dict><key>_name</key><string>USB Keyboard</string></dict>
</array></dict></array></dict></array></plist>`;

export const IOREG = `+-o Root  <class IORegistryEntry, id 0x1, retain 1>
  +-o Mouse@1d  <class IOUSBDevice, id 0x2, registered, retain 9>
  | | {
  | |   "USB Product Name" = "Mouse"
  | |   "idVendor" = 1133
  | |   "idProduct" = 49174
  | |   "locationID" = 18446744073663414272
  | |   "raw" = <00ff>
  | |   "told" = <"text">
  | |   "Plug" = {"a"="b","c"=2}
  | |   "On" = Yes
  | | }
  +-o Hub@1e  <class IOUSBRootHubDevice, id 0x3, retain 9>
  | | {
  | |   "idVendor" = 1
  | | }
`;
