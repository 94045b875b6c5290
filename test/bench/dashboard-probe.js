/** Runs in the measured page: notes long tasks, and waits frame by frame until something stands. */
globalThis.probe = (() => {
  let lastLongTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) lastLongTaskMs = entry.startTime + entry.duration;
  }).observe({ type: 'longtask', buffered: true });

  const frames = { seen: 0, blank: 0, longestMs: 0 };

  return {
    frames,

    /** Time since the start of the page at which `done` holds and the main thread has been free since. */
    interactive: (done, quietMs) =>
      new Promise((resolve) => {
        let readyMs = 0;
        const look = () => {
          const nowMs = performance.now();
          if (readyMs === 0 && done()) readyMs = nowMs;
          const freeMs = Math.max(readyMs, lastLongTaskMs);
          if (readyMs > 0 && nowMs - freeMs > quietMs) resolve(freeMs);
          else requestAnimationFrame(look);
        };
        look();
      }),

    until: (done) =>
      new Promise((resolve) => {
        const look = () => (done() ? resolve(true) : requestAnimationFrame(look));
        look();
      }),

    /** Time from the next event of this kind to the frame in which `done` holds. */
    after: (kind, done) =>
      new Promise((resolve) => {
        const start = (event) => {
          const look = () => {
            if (done()) resolve(performance.now() - event.timeStamp);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        };
        document.addEventListener(kind, start, { capture: true, once: true });
      }),

    /** Pans the map by key as fast as frames come. */
    moving: async (forMs) => {
      const map = document.querySelector('[role=application]');
      const gaps = [];
      const startedMs = performance.now();
      for (let lastMs = startedMs; lastMs < startedMs + forMs; ) {
        const key = gaps.length % 20 < 10 ? 'ArrowLeft' : 'ArrowRight';
        map.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        await new Promise(requestAnimationFrame);
        const nowMs = performance.now();
        gaps.push(nowMs - lastMs);
        lastMs = nowMs;
      }
      const seconds = (performance.now() - startedMs) / 1_000;
      gaps.sort((a, b) => a - b);
      return { fps: gaps.length / seconds, p95Ms: gaps[Math.floor(gaps.length * 0.95)] };
    },

    /** Each frame from now on: does a row stand at four heights of the list? */
    watchRows: () => {
      let lastMs = performance.now();
      const look = () => {
        const nowMs = performance.now();
        frames.longestMs = Math.max(frames.longestMs, nowMs - lastMs);
        lastMs = nowMs;
        frames.seen += 1;
        const bare = [0.45, 0.6, 0.75, 0.88].some((share) => {
          const under = document.elementFromPoint(innerWidth / 2, innerHeight * share);
          const row = under?.closest('tr, li, [role=row]');
          return row === null || row === undefined || row.textContent.trim() === '';
        });
        if (bare) frames.blank += 1;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  };
})();
