import { LIVE_CLOSE_SIGNED_OUT } from '@muster/shared/wire/live.ts';
import { expect, test } from 'vitest';
import {
  HIDDEN_GRACE_MS,
  LIVE_LOST_MS,
  LiveClient,
  retryDelay,
  RETRY_MS_MAX,
  type LiveHost,
  type LiveMessage,
} from './live.ts';

/** A browser of which the test owns the clock and the wire. */
function fakeBrowser() {
  let nowMs = 1_000_000;
  let timers: { atMs: number; action: () => void }[] = [];
  const sockets: { events: Parameters<LiveHost['open']>[0]; sent: string[]; closed: boolean }[] = [];
  const host: LiveHost = {
    open(events) {
      const socket = { events, sent: [] as string[], closed: false };
      sockets.push(socket);
      return { send: (text) => void socket.sent.push(text), close: () => void (socket.closed = true) };
    },
    nowMs: () => nowMs,
    after(delayMs, action) {
      const timer = { atMs: nowMs + delayMs, action };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
    random: () => 1,
    serverTime: () => {},
  };
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  };
  const browser = {
    host,
    sockets,
    last,
    /** Lets time pass with a heartbeat each second. */
    passLive(ms: number) {
      for (let leftMs = ms; leftMs > 0; leftMs -= 1_000) {
        browser.pass(Math.min(1_000, leftMs));
        browser.beat();
      }
    },
    pass(ms: number) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers = timers.filter((each) => each !== due);
        nowMs = due.atMs;
        due.action();
      }
      nowMs = untilMs;
    },
    beat: (serverStartedAtMs = 5) =>
      last().events.message(JSON.stringify({ type: 'heartbeat', serverTimeMs: nowMs, serverStartedAtMs })),
    topics: () =>
      last().sent.map((text) => JSON.parse(text) as { type: string; id: string; topic?: { name: string } }),
  };
  return browser;
}

function started() {
  const browser = fakeBrowser();
  const returns: { absentMs: number; restarted: boolean }[] = [];
  const client = new LiveClient(browser.host, (absentMs, restarted) => returns.push({ absentMs, restarted }));
  client.start();
  return { browser, client, returns };
}

test('[DB1] equal topics share one subscription, given back when the last listener leaves', () => {
  const { browser, client } = started();
  browser.last().events.opened();
  const leaveA = client.subscribe({ name: 'fleet' }, () => {});
  const leaveB = client.subscribe({ name: 'fleet' }, () => {});
  leaveA();
  expect(browser.topics().map((message) => message.type)).toEqual(['subscribe']);
  leaveB();
  expect(browser.topics().map((message) => message.type)).toEqual(['subscribe', 'unsubscribe']);
});

test('[DB2] three missed heartbeats end the connection, and what was watched is declared again on the next', () => {
  const { browser, client, returns } = started();
  client.subscribe({ name: 'incidents' }, () => {});
  browser.last().events.opened();
  browser.beat();
  expect(client.state.state).toBe('live');
  browser.pass(LIVE_LOST_MS - 1);
  expect(client.state.state).toBe('live');
  browser.pass(1);
  expect(client.state).toEqual({
    state: 'lost',
    sinceMs: 1_000_000,
    retryMs: 1_000_000 + LIVE_LOST_MS + 1_000,
  });
  browser.pass(1_000);
  expect(browser.sockets).toHaveLength(2);
  browser.last().events.opened();
  browser.pass(500);
  browser.beat();
  expect(browser.topics().map((message) => message.topic?.name)).toEqual(['incidents']);
  expect(returns).toEqual([{ absentMs: LIVE_LOST_MS + 1_500, restarted: false }]);
});

test('[DB2] a server that was restarted meanwhile is told apart', () => {
  const { browser, returns } = started();
  browser.last().events.opened();
  browser.beat(5);
  browser.last().events.closed(1006);
  browser.pass(1_000);
  browser.last().events.opened();
  browser.beat(6);
  expect(returns).toEqual([{ absentMs: 1_000, restarted: true }]);
});

test('[DB3] a hidden tab gives its topics back after the grace and takes them again when seen', () => {
  const { browser, client, returns } = started();
  browser.last().events.opened();
  client.subscribe({ name: 'machine', ciId: 'ci_1' }, () => {});
  client.setHidden(true);
  browser.passLive(HIDDEN_GRACE_MS - 1);
  client.setHidden(false);
  expect(browser.topics()).toHaveLength(1);
  client.setHidden(true);
  browser.passLive(HIDDEN_GRACE_MS);
  client.setHidden(false);
  expect(browser.topics().map((message) => message.type)).toEqual(['subscribe', 'unsubscribe', 'subscribe']);
  expect(returns).toHaveLength(1);
});

test('[DB1] a message reaches only the listeners of its topic, and an unknown message reaches nobody', () => {
  const { browser, client } = started();
  browser.last().events.opened();
  const heard: LiveMessage[] = [];
  client.subscribe({ name: 'fleet' }, (message) => heard.push(message));
  client.subscribe({ name: 'presence' }, () => {
    throw new Error('not for this topic');
  });
  const id = browser.topics()[0]?.id;
  browser.last().events.message(JSON.stringify({ type: 'refused', id, code: 'forbidden', detail: 'no' }));
  browser.last().events.message(JSON.stringify({ type: 'news-of-tomorrow', id }));
  expect(heard).toEqual([{ type: 'refused', id, code: 'forbidden', detail: 'no' }]);
});

test('[DB2] retries double up to the limit and keep at least half of each delay', () => {
  expect([0, 1, 2, 3].map((attempt) => retryDelay(attempt, 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(retryDelay(20, 1)).toBe(RETRY_MS_MAX);
  expect(retryDelay(2, 0)).toBe(2_000);
});

test('[DB2] stopping closes the socket and no retry follows', () => {
  const { browser, client } = started();
  browser.last().events.opened();
  client.stop();
  browser.pass(120_000);
  expect(browser.sockets).toHaveLength(1);
  expect(browser.last().closed).toBe(true);
});

test('[DB61] a session that ended is told apart from a connection that broke', () => {
  const browser = fakeBrowser();
  let ended = 0;
  const client = new LiveClient(
    browser.host,
    () => {},
    () => void (ended += 1),
  );
  client.start();
  browser.last().events.opened();
  browser.last().events.closed(1006);
  expect(ended).toBe(0);
  browser.passLive(2_000);
  browser.last().events.closed(LIVE_CLOSE_SIGNED_OUT);
  expect(ended).toBe(1);
  expect(client.state.state).toBe('lost');
});
