// Keeps an open page true: fetches it anew when the server says that something happened, replaces the parts that
// changed, and counts the clocks down. Everything works without it; it only saves reloading.
(() => {
  "use strict";
  const page = document.body.dataset.page;
  const main = document.getElementById("main");
  if (!page || !main)
    return;

  const connection = document.getElementById("connection");
  const announcement = document.getElementById("announcement");
  const pollWithEventsMs = 15000;
  const pollAloneMs = 5000;
  const seen = new Map();
  let source = null;
  let aheadMs = 0;
  let fetchedAt = Date.now();
  let triedAt = Date.now();
  let busy = false;
  let again = false;

  // Where the reader was last is kept by this browser alone: that somebody looks stands in no log. Who is away for a
  // few minutes only has not left.
  const place = `tocsin-last-here:${page}`;
  const stillHereMs = 600000;
  let since = 0;

  const newest = () => Number(document.getElementById("since")?.dataset.newest) || 0;

  const recall = () => {
    const asked = Number(new URLSearchParams(location.search).get("since"));
    let last = null;
    try {
      last = JSON.parse(localStorage.getItem(place));
    } catch {
      // A browser that keeps nothing shows everything.
    }
    const kept = last && (Date.now() - last.at < stillHereMs ? last.since : last.newest);
    since = asked || (Number.isSafeInteger(kept) && kept > 0 ? kept : 0);
  };

  const remember = () => {
    try {
      localStorage.setItem(place, JSON.stringify({ since, newest: newest(), at: Date.now() }));
    } catch {
      // As above.
    }
  };

  // The server's clock counts: a phone's may be minutes off.
  const synchronise = (now) => {
    aheadMs = Date.parse(now) - Date.now();
    fetchedAt = Date.now();
  };

  const length = (ms) => {
    const seconds = Math.floor(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (minutes < 1)
      return `${seconds} s`;
    if (hours < 1)
      return `${minutes} min ${seconds % 60} s`;
    return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };

  const tick = () => {
    const now = Date.now() + aheadMs;
    for (const time of document.querySelectorAll("time[data-due]")) {
      const left = Date.parse(time.dataset.due) - now;
      time.textContent = left >= 0 ? `in ${length(left)}` : `${length(-left)} ago`;
    }
    for (const age of document.querySelectorAll("[data-age]"))
      age.textContent = length((Number(age.dataset.age) * 1000) + Date.now() - fetchedAt);
  };

  // A password manager fills in what nobody has opened.
  const isWritten = (control) => (control.type !== "password" || control.closest("details[open]"))
    && (control.value !== (control.defaultValue ?? "") || control.checked !== control.defaultChecked);

  // A part in which somebody writes or selects text stays as it is until they are done.
  const isHeld = (part) => {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && part.contains(selection.anchorNode))
      return true;
    return [...part.querySelectorAll("input:not([type=hidden]), select, textarea")]
      .some((control) => control === document.activeElement || isWritten(control));
  };

  const replace = (old, fresh) => {
    const open = new Set([...old.querySelectorAll("details[open]")].map((details) => details.id));
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = [...old.querySelectorAll("pre")].map((pre) => [pre.scrollLeft, pre.scrollTop]);
    for (const details of fresh.querySelectorAll("details"))
      details.open = open.has(details.id);
    old.replaceWith(fresh);
    fresh.querySelectorAll("pre").forEach((pre, index) => pre.scrollTo(...(scrolled[index] ?? [0, 0])));
    if (active?.matches("summary"))
      document.getElementById(active.parentElement.id)?.querySelector("summary")?.focus({ preventScroll: true });
    else if (active?.matches("a"))
      [...fresh.querySelectorAll("a")].find((link) => link.href === active.href)?.focus({ preventScroll: true });
  };

  const show = (fresh) => {
    const [x, y] = [window.scrollX, window.scrollY];
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = document.getElementById(part.id);
      const html = part.outerHTML;
      if (!old || seen.get(part.id) === html)
        continue;
      const held = isHeld(old);
      old.toggleAttribute("data-held", held);
      if (held)
        continue;
      seen.set(part.id, html);
      const says = part.dataset.announce;
      if (says && says !== old.dataset.announce)
        announcement.textContent = says;
      replace(old, part);
    }
    document.title = fresh.title;
    window.scrollTo(x, y);
  };

  const lost = (why) => {
    const since = new Date(fetchedAt + aheadMs).toISOString().slice(11, 19);
    connection.textContent = `NO CONNECTION TO TOCSIN: this is how it was at ${since} UTC. ${why}`;
    connection.hidden = false;
  };

  const refresh = async () => {
    again = busy;
    if (busy)
      return;
    busy = true;
    triedAt = Date.now();
    try {
      const address = since > 0 ? `${page}?since=${since}` : page;
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (!answer.ok)
        throw new Error(`It answered ${answer.status}.`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      synchronise(fresh.getElementById("main").dataset.now);
      show(fresh);
      connection.hidden = true;
    } catch (error) {
      lost(error instanceof Error && error.message.startsWith("It answered") ? error.message : "Trying again.");
    }
    busy = false;
    tick();
    if (again)
      await refresh();
  };

  const listen = () => {
    if (!document.body.dataset.live || !window.EventSource)
      return;
    source = new EventSource(document.body.dataset.live);
    source.onmessage = refresh;
  };

  // Also without events: the state of the watch ages, and a stream that broke must not leave an old page standing.
  const poll = () => {
    if (source?.readyState === EventSource.CLOSED)
      listen();
    const waitMs = source?.readyState === EventSource.OPEN ? pollWithEventsMs : pollAloneMs;
    if (Date.now() - triedAt >= waitMs)
      refresh();
  };

  for (const part of document.querySelectorAll("[data-part]"))
    seen.set(part.id, part.outerHTML);
  synchronise(main.dataset.now);
  if (newest() > 0) {
    recall();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        remember();
      } else {
        recall();
        refresh();
      }
    });
    if (since > 0)
      refresh();
  }
  listen();
  setInterval(tick, 1000);
  setInterval(poll, 1000);
})();
