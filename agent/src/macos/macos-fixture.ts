/** A Mac that answers as its tools print, made up. For tests. */
import type { StartHelper } from '../helper/helper.ts';
import type { COMMANDS } from './shell.ts';

export type MacAnswers = Record<keyof typeof COMMANDS, string>;

export interface FakeMac {
  answers: MacAnswers;
  hangs: boolean;
  readonly start: StartHelper;
}

export function fakeMac(answers: MacAnswers): FakeMac {
  const machine: FakeMac = {
    answers,
    hangs: false,
    start: (_program, events) => ({
      kill: () => undefined,
      write: (text) => {
        const [mark, word] = text.trim().split(' ');
        if (word === undefined || machine.hangs) return;
        const answer = machine.answers[word as keyof typeof COMMANDS];
        queueMicrotask(() => events.output(`${mark} <\n${answer}\n${mark} >\n`));
      },
    }),
  };
  return machine;
}

const pages = (count: number): string => `${count}.`.padStart(20);

/** `seconds` after its boot: 20 reads and 10 writes a second of 4 KiB and 16 KiB, each of 1 ms. */
export function macAt(seconds: number): MacAnswers {
  return {
    memory: [
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)',
      `Pages free:${pages(10_000)}`,
      `Pages active:${pages(200_000)}`,
      `Pages wired down:${pages(50_000)}`,
      `Pages purgeable:${pages(2_000)}`,
      `"Translation faults":${pages(123_456)}`,
      `File-backed pages:${pages(30_000)}`,
      `Anonymous pages:${pages(102_000)}`,
      `Pages stored in compressor:${pages(90_000)}`,
      `Pages occupied by compressor:${pages(40_000)}`,
      `Swapins:${pages(2 * seconds)}`,
      `Swapouts:${pages(3 * seconds)}`,
      '',
    ].join('\n'),
    swap: 'vm.swapusage: total = 2048.00M  used = 512.50M  free = 1535.50M  (encrypted)\n',
    disks: [
      '+-o IOBlockStorageDriver  <class IOBlockStorageDriver, id 0x100000a28, registered, matched, active>',
      '  | {',
      `  |   "Statistics" = {"Operations (Write)"=${10 * seconds},"Latency Time (Write)"=0,"Bytes (Read)"=${20 * 4_096 * seconds},"Errors (Write)"=1,"Total Time (Read)"=${20 * 1e6 * seconds},"Errors (Read)"=2,"Total Time (Write)"=${10 * 1e6 * seconds},"Bytes (Write)"=${10 * 16_384 * seconds},"Operations (Read)"=${20 * seconds}}`,
      '  |   "IOClass" = "IOBlockStorageDriver"',
      '  | }',
      '  |',
      '  +-o MADE UP SSD Media  <class IOMedia, id 0x100000a2b, registered>',
      '    | {',
      '    |   "BSD Name" = "disk0"',
      '    |   "Size" = 500277790720',
      '    | }',
      '',
    ].join('\n'),
    interfaces: [
      'Name       Mtu   Network       Address            Ipkts Ierrs     Ibytes    Opkts Oerrs     Obytes  Coll Drop',
      'lo0        16384 <Link#1>                          1000     0      50000     1000     0      50000     0    0',
      `en0        1500  <Link#15>   60:00:50:57:00:44     ${100 * seconds}     1     ${125_000 * seconds}    ${50 * seconds}     2     ${10_000 * seconds}     0    7`,
      `en0        1500  192.168.1     192.168.1.5         ${100 * seconds}     -     ${125_000 * seconds}    ${50 * seconds}     -     ${10_000 * seconds}     -    -`,
      'utun0      1380  <Link#14>                            5     0        300        6     0        400     0    0',
      'en5*       1500  <Link#5>    9e:00:06:96:00:71        0     0          0        0     0          0     0    0',
      '',
    ].join('\n'),
    links: [
      'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384',
      '\tinet 127.0.0.1 netmask 0xff000000',
      'en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500',
      '\tether 60:00:50:57:00:44',
      '\tmedia: autoselect (1000baseT <full-duplex,flow-control>)',
      '\tstatus: active',
      '',
    ].join('\n'),
    mounts: [
      '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)',
      'devfs on /dev (devfs, local, nobrowse)',
      '/dev/disk3s6 on /System/Volumes/VM (apfs, local, noexec, journaled, noatime, nobrowse)',
      '/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)',
      '//ada@files.example/home on /Volumes/home (smbfs, nodev, nosuid, mounted by ada)',
      '/dev/disk5s1 on /Volumes/Installer (hfs, local, nodev, nosuid, read-only, noowners)',
      '/dev/disk4s2 on /Volumes/Backup (apfs, local, nodev, nosuid, journaled)',
      'map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)',
      '',
    ].join('\n'),
    processes: [
      '    1 Ss    12345   1:02.50 Fri Nov 17 08:00:00 2023     root             /sbin/launchd',
      `  812 R    400000 ${Math.floor(seconds / 120)}:${((seconds / 2) % 60).toFixed(2).padStart(5, '0')} Fri Nov 17 09:00:00 2023     ada              /Applications/Some App.app/Contents/MacOS/Some App`,
      '  900 U+     1000   0:00.01 Sun Nov  5 09:00:00 2023     _windowserver    (dead)',
      '',
    ].join('\n'),
  };
}
