import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasPython, runPython } from './python-testing.ts';

const PLIST = join(import.meta.dirname, '../../../agent/src/service/macos/org.muster.agent.plist');
/** The reader of Python's own library, which takes what Apple's takes and nothing else. */
const READ = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';

test.skipIf(!hasPython)(
  '[PK15] launchd starts the agent before anybody signs in, again when it ends, at low priority',
  () => {
    const settings: unknown = JSON.parse(runPython(READ, [PLIST]));
    expect(settings).toEqual({
      Label: 'org.muster.agent',
      ProgramArguments: ['/opt/muster-agent/service'],
      // As long as there are settings. A daemon of /Library/LaunchDaemons is loaded with the machine.
      KeepAlive: { PathState: { '/etc/muster-agent/config.json': true } },
      ThrottleInterval: 10,
      ExitTimeOut: 10,
      ProcessType: 'Background',
      Nice: 10,
      LowPriorityIO: true,
      Umask: 0o077,
      StandardOutPath: '/var/log/muster-agent.log',
      StandardErrorPath: '/var/log/muster-agent.log',
    });
  },
);
