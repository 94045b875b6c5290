/** Rules for network devices: what hangs on one is many. A port that is merely down is nobody's fault, desks are left in the evening. */
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Pack } from './pack.ts';

export const networkPack: Pack = {
  id: 'network',
  classes: ['NetworkDevice'],
  rules: [
    {
      key: 'link-flapping',
      name: { en: 'Port unsteady', zh: '端口不稳定' },
      condition: {
        type: 'threshold',
        metric: 'network.link.changes',
        op: 'above',
        levels: [{ severity: 'warning', level: 8, clear: 2 }],
        forMs: 0,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
        window: { fn: 'increase', overMs: 15 * MINUTE_MS },
      },
      explanation: {
        en: 'The port goes and comes back again and again, more often than anybody plugs. A cable, a transceiver or the device at the other end is the usual cause; try another cable, then another port.',
        zh: '端口反复断开随后又恢复连通，次数远超正常插拔。常见原因是网线、光模块或对端设备；请先更换网线，再更换端口。',
      },
    },
    {
      key: 'link-saturated',
      name: { en: 'Uplink full', zh: '上行链路饱和' },
      condition: {
        type: 'threshold',
        metric: 'network.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 90, clear: 75 }],
        forMs: 10 * MINUTE_MS,
        keepForMs: 10 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The port has carried nearly all it can for ten minutes; behind an uplink everybody feels it. See which machines send and receive: a backup or copy at the wrong hour, or a line that is too slow for what hangs on it.',
        zh: '该端口已连续十分钟接近满载；若为上行链路，所有人都会受到影响。请查看收发流量的计算机：可能是备份或复制的时间不当，或线路带宽不足。',
      },
    },
    {
      key: 'cpu',
      name: { en: 'CPU busy (network device)', zh: 'CPU 繁忙（网络设备）' },
      condition: {
        type: 'threshold',
        metric: 'cpu.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 85, clear: 70 }],
        forMs: 10 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The processor of the device has been busy for ten minutes: it may drop what it should forward by software, and answers late. A loop, a storm of broadcasts or a scan are the usual causes.',
        zh: '设备处理器已连续十分钟满负荷，软件转发的报文可能丢失，响应也会变慢。常见原因是环路、广播风暴或扫描。',
      },
    },
    {
      key: 'temperature',
      name: { en: 'Device too hot', zh: '设备温度过高' },
      condition: {
        type: 'threshold',
        metric: 'temperature',
        op: 'above',
        levels: [
          { severity: 'warning', level: 65, clear: 56 },
          { severity: 'critical', level: 75, clear: 66 },
        ],
        forMs: 10 * MINUTE_MS,
        keepForMs: 30 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The network device has been hot for ten minutes; a device that is too hot switches itself off, and all behind it goes with it. Look at the cooling of the room and at its fans.',
        zh: '该网络设备温度已持续偏高十分钟；过热会导致自动关机，其下联设备将全部中断。请检查机房空调及设备风扇。',
      },
    },
    {
      key: 'crash-loop',
      name: { en: 'Device starts again and again', zh: '设备反复重启' },
      condition: {
        type: 'threshold',
        metric: 'system.uptime',
        op: 'above',
        levels: [{ severity: 'critical', level: 3, clear: 2 }],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'resets', overMs: 2 * HOUR_MS },
      },
      explanation: {
        en: 'The device has started three times or more within two hours. Look at its power supply first, then at its temperature and at the software that was loaded last.',
        zh: '该设备在两小时内启动了三次或更多。请先检查电源，再检查温度以及最近加载的固件。',
      },
    },
    {
      key: 'silent',
      name: { en: 'Network device silent', zh: '网络设备失联' },
      condition: { type: 'silent', severity: 'critical' },
      explanation: {
        en: 'The device is expected and nothing is heard of it; what hangs on it cannot be reached either. Look at its power and its uplink first.',
        zh: '该设备应在线，但没有任何响应；其下联设备也无法到达。请先检查电源和上行链路。',
      },
    },
  ],
};
