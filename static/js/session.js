// When the session ends, nothing private stays on an open page: each page of this browser empties itself and leads to
// the sign-in page. A new page says whose it is, so the others learn of a sign-out, or of somebody else, at once. What
// ended without this browser's doing is learnt from the next look at the server.
(() => {
  "use strict";
  const meta = document.querySelector('meta[name="person"]');
  if (!meta) return; // the page of an error, which does not know
  const own = { person: meta.content, atMs: Number(meta.dataset.atMs) };
  const isPrivate = own.person !== "";
  const LOOK_MS = 60_000;
  let isLeft = false;

  function leave(go) {
    if (isLeft) return;
    isLeft = true;
    document.querySelectorAll("meta").forEach((elt) => elt.remove());
    document.body.replaceChildren();
    document.title = "Berth";
    go();
  }
  const leaveTo = (wayIn) => leave(() => location.replace(wayIn));

  const channel = new BroadcastChannel("berth-person");
  channel.addEventListener("message", ({ data }) => {
    if (data.person === own.person) return;
    // Made before this page, but shown after it: that one has not heard of it.
    if (data.atMs < own.atMs) channel.postMessage(own);
    else if (isPrivate) leaveTo(meta.dataset.signIn);
  });
  channel.postMessage(own);
  if (!isPrivate) return;

  // --- looks at the server ---------------------------------------------------------------------
  async function look() {
    try {
      const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
      const answer = await fetch(meta.dataset.look, { headers, cache: "no-store" });
      if (answer.status === 401) leaveTo(answer.headers.get("X-Berth-Sign-In") ?? meta.dataset.signIn);
    } catch {
      // no connection: the next look
    }
  }
  const lookIfShown = () => { if (!document.hidden && !document.querySelector("[data-poll]")) look(); };
  setInterval(lookIfShown, LOOK_MS);
  document.addEventListener("visibilitychange", lookIfShown);
  document.addEventListener("berth:session-doubtful", look);
  document.addEventListener("berth:session-over", (event) => leaveTo(event.detail));
  // Out of the browser's memory, without a request: only the server knows whether it may still be shown.
  addEventListener("pageshow", (event) => { if (event.persisted) leave(() => location.reload()); });
})();
