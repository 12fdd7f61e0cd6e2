// Keys and live updates for the queue. Everything here can be done without it.
"use strict";

(() => {
  const queue = document.getElementById("queue");
  if (!queue) return;
  const news = document.getElementById("news");
  const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea") !== null;
  const entries = () => [...queue.querySelectorAll(".entry")];
  const current = () => document.activeElement.closest(".entry");

  const move = (step) => {
    const all = entries();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  };
  const press = (selector) => current()?.querySelector(selector)?.click();
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    o: () => press("h3 a"),
    r: () => press(".quick button"),
    a: () => press("h3 input[type=checkbox]"),
    "?": () => document.getElementById("keys").scrollIntoView(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // What came meanwhile is fetched and put in place; a tick or the focus is never taken away by it.
  const refresh = async () => {
    if (queue.contains(document.activeElement) || document.querySelector("#queue input:checked")) {
      news.textContent = "The queue has changed. Reload the page to see it.";
      return;
    }
    // The header says that it is not a person who asks: it keeps no session alive and is nobody's look.
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { "X-Refresh": "1" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    queue.replaceChildren(...page.getElementById("queue").childNodes);
    document.getElementById("today").textContent = page.getElementById("today").textContent;
    news.textContent = "The queue has changed.";
  };
  const stream = new EventSource("/flags/news");
  stream.addEventListener("changed", refresh);
})();
