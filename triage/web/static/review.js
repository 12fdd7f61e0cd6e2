// Keys and live updates for the queue. Everything here can be done without it.
"use strict";

(() => {
  const queue = document.getElementById("queue");
  if (!queue) return;
  const news = document.getElementById("news");
  const shower = document.getElementById("show");
  const told = document.getElementById("keys");
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
    n: () => !shower.hidden && shower.click(),
    h: () => document.getElementById("hide").click(),
    "?": () => told.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || told.open || typing(event.target)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // What came meanwhile waits while somebody is in the list: no line moves away from under a hand.
  const changed = () => {
    if (!queue.contains(document.activeElement) && !queue.querySelector("input:checked")) return refresh();
    news.textContent = "The queue has changed.";
    shower.hidden = false;
  };
  const refresh = async (asked = false) => {
    // The header says that it is not a person who asks: it keeps no session alive and is nobody's look.
    const answer = await fetch(location.href, { credentials: "same-origin", headers: asked ? {} : { "X-Refresh": "1" } });
    if (!answer.ok || answer.redirected) return asked && location.assign("/flags");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const ticks = new Set([...queue.querySelectorAll("input:checked")].map((box) => box.value));
    const place = current()?.id;
    queue.replaceChildren(...page.getElementById("queue").childNodes);
    for (const box of queue.querySelectorAll("input[type=checkbox]")) box.checked = ticks.has(box.value);
    if (place) document.getElementById(place)?.focus();
    shower.hidden = true;
    document.getElementById("today").textContent = page.getElementById("today").textContent;
    news.textContent = "The queue has changed.";
  };
  const stream = new EventSource("/flags/news");
  stream.addEventListener("changed", changed);
  shower.addEventListener("click", () => {
    // The button goes away: whoever had the focus on it is led to the list.
    if (document.activeElement === shower) (queue.querySelector(".entry:has(input:checked)") ?? entries()[0])?.focus();
    refresh(true);
  });
})();
