// What the pages add when scripts run: CSRF for htmx, cheap polls, copy buttons, true times.
(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("scripted");

  // --- words -----------------------------------------------------------------------------------
  // In English they are here; in another language the page brings them (webapp/pages/script_words.py).
  const brought = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const say = (text, values = {}) => fill(brought[text]?.[0] ?? text, values);
  const sayMany = (one, many, count) => fill((brought[one] ?? [one, many])[count === 1 ? 0 : 1], { count });

  // --- htmx requests -------------------------------------------------------------------------
  const token = document.querySelector('meta[name="csrf-token"]').content;
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, verb, elt } = event.detail;
    if (verb !== "get") headers["X-CSRFToken"] = token;
    // The fragment carries its version; an unchanged one is answered by 304 and not swapped.
    else if (elt.dataset.etag) headers["If-None-Match"] = `W/"${elt.dataset.etag}"`;
  });

  // A refusal is shown only where the server says so, never in the place of the fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status < 400) return;
    const isMeant = xhr.getResponseHeader("HX-Retarget") && !isLive(requestConfig.elt);
    event.detail.shouldSwap = Boolean(isMeant);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "notice") {
      event.detail.target.scrollIntoView({ block: "nearest" });
      event.detail.target.firstElementChild?.focus();
      look(); // what was refused here may have changed elsewhere
    } else if (!isLive(event.detail.requestConfig?.elt)) {
      byId("notice").replaceChildren(); // the press worked, so an older refusal is history
    }
  });

  // --- polls ---------------------------------------------------------------------------------
  const isPoll = (elt) => elt instanceof Element && elt.hasAttribute("data-poll");
  const isLive = (elt) => isPoll(elt) || (elt instanceof Element && "etag" in elt.dataset);
  // A settled page asks nothing by itself; whoever comes back to it sees what happened meanwhile.
  const look = () => document.querySelectorAll("[data-etag][hx-get]").forEach((elt) => htmx.trigger(elt, "look"));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  let failures = 0;
  let pausedUntil = 0;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isPoll(event.detail.elt)) return;
    const opened = event.detail.elt.querySelector("details[open]:hover, input:focus:not([type=radio], [type=checkbox])");
    if (document.hidden || Date.now() < pausedUntil || opened) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr?.status ?? 0;
    const wayIn = status === 401 && event.detail.xhr.getResponseHeader("X-Berth-Sign-In");
    if (wayIn) return document.dispatchEvent(new CustomEvent("berth:session-over", { detail: wayIn }));
    if (!isPoll(event.detail.requestConfig?.elt ?? event.detail.elt)) return;
    if (status > 0 && status < 400) return calm();
    failures += 1;
    const wait = Math.min(60, 2 ** failures) * (0.85 + Math.random() * 0.3);
    pausedUntil = Date.now() + wait * 1000;
    const line = byId("connection-trouble");
    line.textContent = say("No news from Berth right now. Trying again in %(count)s seconds.", { count: Math.ceil(wait) });
    line.hidden = false;
  });
  function calm() {
    failures = 0;
    pausedUntil = 0;
    byId("connection-trouble").hidden = true;
  }

  // --- announcements, and what must survive a swap ---------------------------------------------
  const words = () => new Map([...document.querySelectorAll("[data-announce]")].map((elt) =>
    [elt.id, `${elt.dataset.announce}: ${elt.dataset.word ?? elt.dataset.state}`]));
  const openDetails = () => new Set([...document.querySelectorAll("details[open]")].map(nameOf));
  const nameOf = (elt) => elt.parentElement.textContent.trim().slice(0, 80) + elt.querySelector("summary").textContent;
  let before = words();
  let opened = openDetails();
  let focused = "";
  let ticked = new Set();
  let typed = new Map();
  document.addEventListener("htmx:beforeSwap", () => {
    ticked = new Set([...document.querySelectorAll("input[type=checkbox][id]:checked")].map((elt) => elt.id));
    typed = new Map([...document.querySelectorAll("input[id]:not([type]), input[type=text][id], textarea[id]")]
      .filter((elt) => elt.value !== elt.defaultValue).map((elt) => [elt.id, elt.value]));
    before = words();
    opened = openDetails();
    focused = document.activeElement?.id ?? "";
  });
  document.addEventListener("htmx:afterSettle", () => {
    const news = [...words()].filter(([id, text]) => before.has(id) && before.get(id) !== text).map(([, text]) => text);
    if (news.length > 3) byId("announcer").textContent = say("%(count)s changed", { count: news.length });
    else if (news.length) byId("announcer").textContent = news.join(". ");
    document.querySelectorAll("details").forEach((elt) => { if (opened.has(nameOf(elt))) elt.open = true; });
    typed.forEach((text, id) => { const field = byId(id); if (field) field.value = text; });
    ticked.forEach((id) => { const box = byId(id); if (box) box.checked = true; });
    countTicks();
    if (focused && document.activeElement === document.body) byId(focused)?.focus({ preventScroll: true });
    dress();
  });

  // --- small conveniences ----------------------------------------------------------------------
  function dress() {
    if (!navigator.clipboard) return;
    document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const label = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
      label.textContent = byId("announcer").textContent = say("Copied");
    } catch {
      label.textContent = say("Select it");
      getSelection().selectAllChildren(byId(button.dataset.copy));
    }
    setTimeout(() => { label.textContent = say("Copy"); }, 2000);
  });
  // How many rows are ticked, and a box that ticks all of the page.
  function countTicks() {
    document.querySelectorAll("[data-selects]").forEach((line) => {
      const boxes = [...document.querySelectorAll(`#${line.dataset.selects} input[type=checkbox]`)];
      const count = boxes.filter((box) => box.checked).length;
      line.textContent = count ? `${count} selected` : line.dataset.without;
      const all = byId("select-all");
      if (all) { all.checked = count > 0 && count === boxes.length; all.indeterminate = count > 0 && count < boxes.length; }
    });
  }
  document.addEventListener("change", (event) => {
    const { id, checked, type } = event.target;
    if (id === "select-all") {
      document.querySelectorAll(`#${event.target.dataset.of} input[type=checkbox]`).forEach((box) => { box.checked = checked; });
    }
    if (type === "checkbox") countTicks();
    event.target.closest("form[data-autosubmit]")?.requestSubmit();
  });

  // What gives the browser a new cookie is sent once: a double click would end with the old one.
  let sent = null;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-once]")) return;
    if (sent === event.target) event.preventDefault();
    sent = event.target;
  });
  addEventListener("pageshow", () => { sent = null; }); // also who comes back to the page may send

  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("form[role=search] input");
    const types = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || types || !search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // The same words as webapp/pages/words.py, so that an open page does not go stale.
  const UNITS = [
    [86400, (n) => sayMany("%(count)s day ago", "%(count)s days ago", n), (n) => sayMany("in %(count)s day", "in %(count)s days", n)],
    [3600, (n) => sayMany("%(count)s hour ago", "%(count)s hours ago", n), (n) => sayMany("in %(count)s hour", "in %(count)s hours", n)],
    [60, (n) => sayMany("%(count)s minute ago", "%(count)s minutes ago", n), (n) => sayMany("in %(count)s minute", "in %(count)s minutes", n)],
    [1, (n) => sayMany("%(count)s second ago", "%(count)s seconds ago", n), (n) => sayMany("in %(count)s second", "in %(count)s seconds", n)],
  ];
  function ago(at) {
    const seconds = (Date.now() - at) / 1000;
    if (Math.abs(seconds) < 10) return say("just now");
    const [size, past, future] = UNITS.find(([size]) => Math.abs(seconds) >= size);
    return (seconds > 0 ? past : future)(Math.floor(Math.abs(seconds) / size));
  }
  setInterval(() => {
    if (document.hidden) return;
    document.querySelectorAll("time[data-ago]").forEach((elt) => {
      const at = Date.parse(elt.dateTime);
      elt.textContent = ago(elt.dataset.ago === "happened" ? Math.min(at, Date.now()) : at);
    });
  }, 10000);

  document.querySelectorAll("[data-with-script]").forEach((elt) => { elt.hidden = false; });
  countTicks();
  dress();
  // A long list of bundles opens at the one that is chosen.
  document.querySelectorAll(".options :checked[type=radio]").forEach((chosen) => {
    const list = chosen.closest(".options");
    list.scrollTop = chosen.closest(".option").offsetTop - list.offsetTop - list.clientHeight / 3;
  });
  document.querySelector(".summary")?.focus();
})();
