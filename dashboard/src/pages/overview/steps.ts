/** The steps of a new installation and which of them are done. Pure. */

const STEPS = ['server', 'machines', 'rules', 'channels', 'users'] as const;

export interface Step {
  readonly id: (typeof STEPS)[number];
  readonly done: boolean;
  /** What its sentence counts. */
  readonly count: number;
}

export interface Progress {
  readonly machines: number;
  readonly machinesWanted: number;
  readonly rulesOn: number;
  readonly channelsOn: number;
  readonly users: number;
  /** What this person could do; nobody is asked for what is not theirs to do. */
  readonly may: Readonly<Record<Exclude<Step['id'], 'server'>, boolean>>;
}

export function stepsOf(progress: Progress): Step[] {
  const { machines, machinesWanted, rulesOn, channelsOn, users, may } = progress;
  const all: Step[] = [
    { id: 'server', done: machines > 0, count: 1 },
    { id: 'machines', done: machines >= machinesWanted, count: Math.max(0, machinesWanted - machines) },
    { id: 'rules', done: rulesOn > 0, count: rulesOn },
    { id: 'channels', done: channelsOn > 0, count: channelsOn },
    { id: 'users', done: users > 1, count: users - 1 },
  ];
  return all.filter(({ id }) => id === 'server' || may[id]);
}
