/** The live connection of this page, for components. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Topic } from '@muster/shared/wire/live.ts';
import { browserHost, LiveClient, type LiveMessage, type LiveState } from '../api/live.ts';
import { useT } from '../i18n/i18n.ts';
import { say } from '../ui/Toast.tsx';
import { nowMs, setServerTime } from '../util/clock.ts';
import { spanText } from '../util/time.ts';
import { meQuery } from './session.ts';

let onReturn: (absentMs: number) => void = () => {};
let onEnded: () => void = () => {};
const client = new LiveClient(
  browserHost({ nowMs, setServerTime }),
  (absentMs) => onReturn(absentMs),
  () => onEnded(),
);
document.addEventListener('visibilitychange', () => client.setHidden(document.hidden));

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => client.onState(listener),
    () => client.state,
  );
}

/** True where writing makes sense; while the connection is lost it would fail or be done blindly. */
export function useConnected(): boolean {
  // Only whether: the age of what is live moves each second, and every button that writes asks this.
  return useSyncExternalStore(
    (listener) => client.onState(listener),
    () => client.state.state !== 'lost',
  );
}

export function retryLive(): void {
  client.retryNow();
}

/**
 * Opens the connection while somebody is signed in; when it comes back, everything shown is read again.
 * `session`: key of what is asked again at once when the server says that the session is over.
 */
export function useLiveConnection(session: QueryKey = meQuery.queryKey): void {
  const queries = useQueryClient();
  const t = useT();
  useEffect(() => {
    onReturn = (absentMs) => {
      void queries.invalidateQueries();
      if (absentMs > 0) say(t('shell.liveAgain', { span: spanText(absentMs, t) }));
    };
    // The answer to who it is leads to the sign-in, if it is nobody any more.
    onEnded = () => void queries.invalidateQueries({ queryKey: session });
  }, [queries, t, session]);
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, []);
}

/** Messages of a topic while the component is mounted; null watches nothing. */
export function useLive(topic: Topic | null, listener: (message: LiveMessage) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  const key = JSON.stringify(topic);
  useEffect(() => {
    // The key stands for the topic, which is a new object at each render.
    const wanted = JSON.parse(key) as Topic | null;
    if (wanted === null) return;
    return client.subscribe(wanted, (message) => latest.current(message));
  }, [key]);
}
