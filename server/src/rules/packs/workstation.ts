/** Rules for workstations: later and milder than for servers, because a person sits in front of them. */
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Pack } from './pack.ts';
import { CPU_IS_WAITED_FOR, GIB_BYTES } from './server.ts';

export const workstationPack: Pack = {
  id: 'workstation',
  classes: ['Workstation'],
  rules: [
    {
      key: 'cpu',
      name: { en: 'CPU busy (workstation)', zh: 'CPU 繁忙（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'cpu.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 95, clear: 80 }],
        forMs: 15 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: CPU_IS_WAITED_FOR,
      },
      explanation: {
        en: 'The CPU has been busy for a quarter of an hour without a pause, and programs wait for their turn. On a workstation this is mostly one process that hangs, or an update or scan that does not end. Look at the top processes.',
        zh: 'CPU 已连续一刻钟满负荷，且程序需要排队等待。在工作站上，这通常是某个进程无响应，或更新、扫描任务未能结束。请查看占用最高的进程。',
      },
    },
    {
      key: 'memory',
      name: { en: 'Memory short (workstation)', zh: '内存不足（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'memory.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 95, clear: 88 }],
        forMs: 15 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'Hardly any memory is left for programs. If it happens often, the machine needs more memory for the work done on it.',
        zh: '程序可用的内存所剩无几。若经常发生，说明该计算机的内存不足以支撑日常工作。',
      },
    },
    {
      key: 'disk-space',
      name: { en: 'Disk space short (workstation)', zh: '磁盘空间不足（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'filesystem.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 90, clear: 85, floor: 10 * GIB_BYTES },
          { severity: 'critical', level: 97, clear: 92, floor: 2 * GIB_BYTES },
        ],
        forMs: 5 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: { metric: 'filesystem.available', op: 'below', level: 10 * GIB_BYTES },
      },
      explanation: {
        en: 'The disk is nearly full; updates fail first, then documents cannot be saved. Clear downloads and caches with the user, or move data to the file server.',
        zh: '磁盘即将写满；首先是更新失败，随后文档无法保存。请与使用人一起清理下载文件和缓存，或将数据移至文件服务器。',
      },
    },
    {
      key: 'inodes',
      name: { en: 'Inodes short (workstation)', zh: 'inode 不足（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'filesystem.inodes.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 95, clear: 90 }],
        forMs: 5 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The file system can hold hardly any more files. Clear folders with very many small files, mostly caches of development tools.',
        zh: '文件系统可容纳的文件数即将用尽。请清理含有大量小文件的目录，通常是开发工具的缓存。',
      },
    },
    {
      key: 'disk-errors',
      name: { en: 'Disk fails (workstation)', zh: '磁盘出错（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'disk.errors',
        op: 'above',
        levels: [
          { severity: 'warning', level: 1, clear: 0.5 },
          { severity: 'critical', level: 20, clear: 0.5 },
        ],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'increase', overMs: 12 * HOUR_MS },
      },
      explanation: {
        en: 'The disk of this workstation could not fulfil requests in the last twelve hours. Save what the user has on it, then have it replaced.',
        zh: '最近十二小时内该工作站的磁盘有请求失败。请先备份使用人的数据，再安排更换。',
      },
    },
    {
      key: 'crash-loop',
      name: { en: 'Starts again and again (workstation)', zh: '反复重启（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'system.uptime',
        op: 'above',
        levels: [{ severity: 'warning', level: 4, clear: 2 }],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'resets', overMs: 2 * HOUR_MS },
      },
      explanation: {
        en: 'The workstation has booted four times or more within two hours. Ask its user what happens before it goes: an update that cannot finish, a driver, the power supply or the battery.',
        zh: '该工作站在两小时内启动了四次或更多。请询问使用人重启前的情况：可能是无法完成的更新、驱动程序、电源或电池问题。',
      },
    },
    {
      key: 'temperature',
      name: { en: 'Too hot (workstation)', zh: '温度过高（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'temperature',
        op: 'above',
        levels: [{ severity: 'warning', level: 97, clear: 90 }],
        forMs: 30 * MINUTE_MS,
        keepForMs: 10 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'A sensor of the workstation has been near its limit for half an hour; it slows down, and may switch itself off. Fans, dust, or a machine in a bag are the usual causes.',
        zh: '该工作站的传感器温度已持续半小时接近上限；系统会降频，甚至自行关机。常见原因是风扇、积尘，或在包内运行。',
      },
    },
    {
      key: 'oom',
      name: { en: 'Process killed, out of memory (workstation)', zh: '进程因内存不足被终止（工作站）' },
      condition: {
        type: 'threshold',
        metric: 'memory.oomkills',
        op: 'above',
        levels: [{ severity: 'warning', level: 1, clear: 0.5 }],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'increase', overMs: 30 * MINUTE_MS },
      },
      explanation: {
        en: 'The workstation ran out of memory and killed a program, perhaps with unsaved work. If it happens again, it needs more memory for the work done on it.',
        zh: '该工作站内存耗尽并终止了程序，可能造成未保存的内容丢失。若反复发生，说明其内存不足以支撑日常工作。',
      },
    },
    {
      key: 'silent',
      name: { en: 'Workstation silent in its hours', zh: '工作站在使用时段内失联' },
      condition: { type: 'silent', severity: 'warning', forMs: 15 * MINUTE_MS },
      explanation: {
        en: 'The workstation was at work and fell silent without saying that it shuts down or sleeps. Ask its user first; a cable, the wireless network or a crash are the usual causes.',
        zh: '该工作站正在使用时失联，且未通知关机或睡眠。请先询问使用人；常见原因是网线、无线网络或系统崩溃。',
      },
    },
  ],
};
