import { describe, expect, test } from 'vitest';
import { testdataFolder } from '../testdata.ts';
import { incidentsOf, readEventLogs } from './event-log.ts';
import { reportOf, runIncidents } from './run.ts';

const HEADER =
  'number,incident_state,opened_at,sys_updated_by,sys_updated_at,impact,urgency,priority,resolved_at,closed_at';
const row = (number: string, state: string, by: string, at: string, levels: string, closed: string) =>
  `${number},${state},1/3/2016 08:00,${by},${at},${levels},2/3/2016 09:30,${closed}`;
const log = (closed: string, priority = '3 - Moderate') =>
  [
    HEADER,
    row('INC1', 'New', 'a', '1/3/2016 08:00', '2 - Medium,2 - Medium,3 - Moderate', '?'),
    row('INC1', 'Resolved', 'a', '2/3/2016 09:30', '2 - Medium,2 - Medium,3 - Moderate', '?'),
    row('INC1', 'Closed', '"bot, night"', closed, `2 - Medium,2 - Medium,${priority}`, closed),
  ].join('\n');

describe('on logs made up for it', () => {
  test('[IC24] what the program closed within the hour after five days is reproduced', async () => {
    const report = await reportOf(incidentsOf(log('7/3/2016 10:00')));
    expect(report.priorityExceptions).toEqual([]);
    expect(report.autoClose).toMatchObject({
      days: 5,
      byProgram: 1,
      reproduced: 1,
      withinTheHour: 1,
      early: [],
    });
  });

  test('[IC24] what the program closed before its time is told', async () => {
    const most = ['7/3/2016 10:00', '7/3/2016 10:00', '6/3/2016 10:00'].map((closed, i) =>
      incidentsOf(log(closed).replaceAll('INC1', `INC${i}`)),
    );
    expect((await reportOf(most.flat())).autoClose.early).toEqual(['INC2']);
  });

  test('[IC23] one combination of levels with two priorities is told', async () => {
    const report = await reportOf(incidentsOf(log('7/3/2016 10:00', '1 - Critical')));
    expect(report.priorityExceptions).toEqual(['INC1: impact 2, urgency 2 had priority 1']);
  });
});

const count = readEventLogs(testdataFolder())?.length ?? 0;

describe.skipIf(count === 0)(`the event log of UCI 498: ${count} incidents`, () => {
  test('[IC23] [IC24] every priority is given by the configured matrix, and nothing is closed before its time', async () => {
    const report = await runIncidents(testdataFolder());
    expect(report?.priorityExceptions).toEqual([]);
    expect(report?.autoClose.days).toBe(5);
    expect(report?.autoClose.early).toEqual([]);
  });
});
