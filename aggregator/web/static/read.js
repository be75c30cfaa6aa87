"use strict";
// Nothing here is needed to read: times in the reader's own zone, and keys.
(() => {
  for (const time of document.querySelectorAll(".byline time")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = time.textContent;
    time.textContent = moment.toLocaleString(undefined, {dateStyle: "medium", timeStyle: "short"});
  }

  const stories = [...document.querySelectorAll("main > .story")];
  const line = document.getElementById("keys");
  const button = line.querySelector("button");
  let on = true;
  try { on = localStorage.getItem("keys") !== "off"; } catch (error) { /* not kept then */ }
  const show = () => button.setAttribute("aria-pressed", String(on));
  button.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem("keys", on ? "on" : "off"); } catch (error) { /* not kept then */ }
    show();
  });
  show();
  line.hidden = false;

  const here = () => stories.indexOf(document.activeElement?.closest?.("main > .story"));
  const inView = () => stories.findIndex(story => story.getBoundingClientRect().bottom > 8);
  const go = to => {
    const story = stories[to];
    if (!story) return;
    story.focus({preventScroll: true});
    story.scrollIntoView({block: "start"});
  };
  const current = () => stories[here() < 0 ? inView() : here()];
  const keys = {
    j: () => go(here() < 0 ? Math.max(inView(), 0) : here() + 1),
    k: () => go((here() < 0 ? inView() : here()) - 1),
    o: () => {
      const story = current();
      const details = story?.querySelector(":scope > details");
      if (details) details.open = !details.open;
      else story?.querySelector("a.title, a.original")?.click();
    },
    v: () => current()?.querySelector("a.original")?.click(),
  };
  document.addEventListener("keydown", event => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, audio, video, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
