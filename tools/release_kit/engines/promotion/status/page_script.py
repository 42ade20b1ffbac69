"""The page's script: it keeps `3 h ago` true while the page hangs on a wall; the page reads well without it."""

SCRIPT = """
"use strict";
(() => {
  const steps = [
    [60, 90, "min"], [3600, 48, "h"], [86400, 61, "days"], [2629800, 24, "months"], [31557600, 1e9, "years"],
  ];
  const ago = (then, now) => {
    const gap = Math.abs(now - then);
    if (gap < 90) return "just now";
    const [size, , unit] = steps.find(([seconds, most]) => gap < seconds * most);
    const count = Math.floor(gap / size);
    return then < now ? `${count} ${unit} ago` : `in ${count} ${unit}`;
  };
  const tell = () => {
    const now = Math.floor(Date.now() / 1000);
    for (const time of document.querySelectorAll("time.ago")) {
      time.textContent = ago(Date.parse(time.dateTime) / 1000, now);
    }
  };
  tell();
  setInterval(tell, 30000);
})();
"""
