/**
 * Is this agent let in? By what it was told last: asking anew would use up the token, or put a second connection beside the
 * agent's own, which looks like a copied machine. Pure.
 */
import type { Settings } from '../config.ts';
import { changedServerKey, LINK_FAULTS } from '../handshake.ts';
import { failed, type Judgement, ok, skipped, warning } from './judgement.ts';
import type { IdentitySeen, StatusSeen } from './port.ts';

const KEY_PROBLEMS: ReadonlySet<string> = new Set([
  'revoked',
  'cloned-identity',
  'proof-invalid',
  'not-enrolled',
]);
const TOKEN_PROBLEMS: ReadonlySet<string> = new Set(['token-unknown', 'token-expired', 'token-exhausted']);

export function judgeKey(
  settings: Settings,
  identity: IdentitySeen | null,
  status: StatusSeen | null,
): Judgement {
  if (identity === null) return skipped('the agent has made no key yet, which it does at its first start');
  const problem = problemNow(status);
  if (problem && KEY_PROBLEMS.has(problem.code))
    return failed(`${problem.detail} [${problem.code}]`, problem.hint);
  if (status?.online && status.pendingApproval)
    return warning('known, and waits for an administrator', 'Let it in on the page Agents of the dashboard.');
  if (identity.enrolledWith === null) return ok('made, not enrolled yet');
  if (settings.serverKey !== null && identity.enrolledWith !== settings.serverKey) {
    const { message, hint } = changedServerKey(settings.serverKey, identity.enrolledWith);
    if (settings.token === null) return failed(message, hint);
    return warning(
      message,
      'There is a token, so it enrols anew; that is right after a move to a new server, and wrong otherwise.',
    );
  }
  return ok(status?.online ? 'enrolled, and connected with it' : 'enrolled with this server');
}

export function judgeToken(
  settings: Settings,
  identity: IdentitySeen | null,
  status: StatusSeen | null,
): Judgement {
  const problem = problemNow(status);
  if (problem && TOKEN_PROBLEMS.has(problem.code)) return failed(problem.detail, problem.hint);
  const trusted = settings.serverKey;
  const enrolled = identity?.enrolledWith ?? null;
  if (enrolled !== null && (trusted === null || enrolled === trusted)) return ok('not needed any more');
  if (settings.token === null && enrolled !== null)
    return skipped('none is given, and none is needed where the key in the configuration is put right');
  if (settings.token === null)
    return failed('none is given, and the agent is not enrolled', LINK_FAULTS['no-token'].hint);
  return ok('one is given; whether it is good shows when the agent uses it');
}

/** A problem that was overcome says nothing any more. */
function problemNow(status: StatusSeen | null): StatusSeen['problem'] {
  return status === null || status.online ? null : status.problem;
}
