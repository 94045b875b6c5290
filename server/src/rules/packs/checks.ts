/** Rules for what agents probe from where they stand; each check is an instance, so that one rule watches all. */
import { HOUR_MS } from '@muster/shared/time.ts';
import type { Pack } from './pack.ts';
import { DAY_SECONDS } from './server.ts';

export const checksPack: Pack = {
  id: 'checks',
  classes: ['Server', 'VirtualMachine', 'Workstation'],
  rules: [
    {
      key: 'failing',
      name: { en: 'Check fails', zh: '检查失败' },
      condition: {
        type: 'threshold',
        metric: 'check.failures',
        op: 'above',
        levels: [{ severity: 'critical', level: 3, clear: 1 }],
        // The agent counts what failed in a row: nothing is to be waited for, whatever the interval.
        forMs: 0,
        keepForMs: 0,
        floor: null,
      },
      explanation: {
        en: 'A service did not answer as expected three times in a row, seen from this machine. Why stands among the events of the agent, and in “muster-agent status” on the machine. See whether other machines reach it: if they do, look at the way from here, if they do not, at the service.',
        zh: '从该计算机看，某项服务已连续三次未按预期应答。原因见代理程序的事件，或在该计算机上运行“muster-agent status”查看。请确认其他计算机能否访问：若能，检查从此处到该服务的网络；若不能，检查该服务本身。',
      },
    },
    {
      key: 'certificate',
      name: { en: 'Certificate of a checked service ends', zh: '所检查服务的证书即将到期' },
      condition: {
        type: 'threshold',
        metric: 'check.certificate.remaining',
        op: 'below',
        levels: [
          { severity: 'warning', level: 14 * DAY_SECONDS, clear: 15 * DAY_SECONDS },
          { severity: 'critical', level: 3 * DAY_SECONDS, clear: 4 * DAY_SECONDS },
        ],
        forMs: HOUR_MS,
        keepForMs: 0,
        floor: null,
      },
      explanation: {
        en: 'The certificate that this service shows ends soon; from then on browsers and programs refuse it. Renew it on the service, or see why the renewal that should have happened by itself has failed.',
        zh: '该服务使用的证书即将到期，到期后浏览器和程序将拒绝连接。请在该服务上更新证书，或查明自动续期失败的原因。',
      },
    },
  ],
};
