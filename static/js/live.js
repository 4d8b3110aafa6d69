// Push: a stream says that what this page shows has changed, and when to look. The page then asks for the fragment
// that it polls for anyway. Without a stream, or when it falls silent, the page polls as if there were none.
(() => {
  "use strict";
  const source = document.querySelector('meta[name="live-events"]');
  const shown = () => document.querySelector("[data-hears]");
  if (!source || !shown()) return;
  const topic = shown().dataset.hears;

  const SILENT_MS = 45_000; // three heartbeats
  const NET_MS = 30_000; // what only time changes, or a stream has lost, shows within this
  const PRESS_MS = 30_000; // who has pressed something is waiting for more than changes
  const AWAY_MS = 5_000; // a tab that is left for a moment keeps its stream
  let stream = null;
  let isHeard = false;
  let isOver = false;
  let failures = 0;
  let retryMs = 2_000;
  let lookedAt = Date.now();
  let pressedAt = 0;
  let isAsking = false;
  let isOutdated = false;

  // --- the stream ------------------------------------------------------------------------------
  async function listen() {
    if (stream || isOver || document.hidden) return;
    const own = stream = new AbortController();
    let silence = setTimeout(() => own.abort(), SILENT_MS);
    try {
      const answer = await fetch(source.content, {
        method: "POST", body: `${source.dataset.ticket}\n${topic}`, headers: { "Content-Type": "text/plain" },
        credentials: "omit", cache: "no-store", signal: own.signal,
      });
      if (answer.status === 401) return over();
      if (!answer.ok) throw new Error(`${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => own.abort(), SILENT_MS);
        const blocks = (rest + part.value).split("\n\n");
        rest = blocks.pop();
        blocks.forEach(hear);
      }
    } catch {
      failures += 1; // the page polls meanwhile
    } finally {
      clearTimeout(silence);
      if (stream === own) {
        stream = null;
        isHeard = false;
        setTimeout(listen, Math.min(60_000, retryMs * 2 ** failures) * (0.5 + Math.random()));
      }
    }
  }
  function hear(block) {
    const fields = new Map(block.split("\n").map((line) => line.split(": ", 2)));
    if (fields.has("retry")) retryMs = Number(fields.get("retry"));
    if (!fields.has("event")) return;
    isHeard = true;
    failures = 0;
    setTimeout(look, Number(fields.get("data")));
  }
  function over() {
    isOver = true;
    document.dispatchEvent(new CustomEvent("berth:session-doubtful")); // the web server says whether it is over
  }
  function leave() {
    stream?.abort();
    stream = null;
    isHeard = false;
  }

  // --- the page --------------------------------------------------------------------------------
  function look() {
    const elt = shown();
    if (!elt || document.hidden) return; // whoever comes back looks anyway
    // What is under way may have been read before the change, and its answer takes the place of what would ask next.
    if (isAsking) isOutdated = true;
    else if (elt.querySelector("details[open]:hover, input:focus:not([type=radio], [type=checkbox])")) setTimeout(look, 2_000);
    else {
      htmx.trigger(elt, "look");
      isOutdated = !isAsking; // what has just been swapped in cannot ask before htmx has loaded it
    }
  }
  document.addEventListener("htmx:load", () => {
    if (isOutdated && !isAsking) look();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.defaultPrevented) return;
    const { elt, requestConfig } = event.detail;
    if (requestConfig.verb !== "get") pressedAt = Date.now();
    const isPoll = elt.matches("[data-poll][data-hears]") && !requestConfig.triggeringEvent;
    const isFresh = Date.now() - lookedAt < NET_MS && Date.now() - pressedAt > PRESS_MS;
    if (isPoll && isHeard && isFresh) event.preventDefault();
    else if (elt.matches("[data-hears]")) isAsking = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig?.elt.matches("[data-hears]")) return;
    isAsking = false;
    const isAnswered = event.detail.xhr?.status > 0 && event.detail.xhr.status < 400;
    lookedAt = isAnswered ? Date.now() : 0; // a look that failed is made up for by polls
    if (isOutdated) setTimeout(look, 100);
    isOutdated = false;
  });
  let leaving = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(leave, AWAY_MS);
    else listen();
  });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
})();
