/** Joins the intake to the web side: `POST /intake/*`. */
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Web } from '../http/web.ts';
import type { Intake } from './intake.ts';
import { INTAKE_PATH } from './token.ts';

/** What is not found is answered like every other unknown path. */
export function mountIntake(web: Pick<Web, 'addDoor'>, intake: Pick<Intake, 'accept'>, clock: Clock): void {
  web.addDoor(`${INTAKE_PATH}/*`, async (request, { address }) => {
    const header = (name: string) => request.headers.get(name) ?? '';
    const answer = await intake.accept({
      path: new URL(request.url).pathname,
      contentType: header('content-type'),
      agentId: header('glpi-agent-id'),
      userAgent: header('user-agent'),
      address,
      body: request.body,
      nowMs: clock.now(),
    });
    if (answer === null) throw new AppError('not-found', 'There is nothing at this address.');
    const { status, headers, body } = answer;
    return new Response(body.slice(), { status, headers });
  });
}
