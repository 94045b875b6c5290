/** Order of the test files: those that wait longest begin first, beside others that compute; nothing long is left for the end. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By size most of these would come late: some wait for the real world (a silence is judged after 90 s), the others go through thousands of cases. */
const LONGEST = [
  'server/src/ws/hostile.test.ts',
  'agent/src/main.test.ts',
  'server/src/store/engine/engine.contract.test.ts',
  'server/src/release/executable.test.ts',
  'test/story/stories.test.ts',
  'server/src/store/engine/engine.model.test.ts',
  'test/e2e/silence.test.ts',
  'test/e2e/witness.test.ts',
  'test/e2e/upgrade.test.ts',
  'test/e2e/install.test.ts',
  'test/e2e/windows.test.ts',
  'test/e2e/packages.test.ts',
  'test/e2e/walks/duty.test.ts',
  'test/e2e/walks/restart.test.ts',
  'test/e2e/walks/old-values.test.ts',
  'test/e2e/rollout.test.ts',
  'test/e2e/walks/wall.test.ts',
  'test/e2e/checks.test.ts',
  'test/e2e/no-loss.test.ts',
  'test/e2e/macos.test.ts',
  'test/e2e/install-release.test.ts',
  'test/e2e/walks/assets.test.ts',
  'test/e2e/agent-config.test.ts',
  'test/e2e/walks/machine.test.ts',
  'test/e2e/walks/rollout.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return at < 0 ? LONGEST.length : at;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
