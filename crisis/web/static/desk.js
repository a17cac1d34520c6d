/* Optional: every page works without it. One popover at a time and Esc, keys that focus, ticking clocks,
   drafts kept in this browser while they are typed. */
(function (d) {
  "use strict";
  var zh = /^zh/.test(d.documentElement.lang);
  var pops = d.querySelectorAll("details.why");
  function shut(but) { pops.forEach(function (p) { if (p !== but) p.open = false; }); }
  d.addEventListener("toggle", function (e) { if (e.target.open && e.target.matches("details.why")) shut(e.target); }, true);
  d.addEventListener("click", function (e) { if (!e.target.closest("details.why")) shut(); });
  d.addEventListener("keydown", function (e) {
    if (e.key === "Escape") { shut(); return; }
    if (/^(input|textarea|select)$/i.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "/") { var q = d.getElementById("q"); if (q) { e.preventDefault(); q.focus(); } return; }
    var b = d.querySelector('[data-key="' + e.key.toLowerCase().replace(/["\\]/g, "") + '"]');
    // A key only moves the focus to what sends something out; sending needs Enter.
    if (b) { e.preventDefault(); b.focus(); if (!b.hasAttribute("data-arm")) b.click(); }
  });
  d.querySelectorAll("[data-due]").forEach(function (el) {
    var end = Date.now() + 1000 * Number(el.dataset.due), speed = Number(d.body.dataset.speed || 1), begin = Date.now();
    var figures = el.innerHTML;
    setInterval(function () {
      var left = Math.round((end - begin - (Date.now() - begin) * speed) / 1000);
      if (left < 0) return;
      figures = Math.floor(left / 60) + "<small>" + (zh ? "分" : "m") + "</small>" + ("0" + left % 60).slice(-2) + "<small>" + (zh ? "秒" : "s") + "</small>";
      el.innerHTML = figures;
    }, 1000);
  });
  d.querySelectorAll("textarea[data-keep]").forEach(function (t) {
    var key = "draft:" + t.dataset.keep;
    try {
      var kept = localStorage.getItem(key);
      if (kept !== null && kept !== t.value && t.dataset.fresh !== "1") {
        var n = d.getElementById("kept");
        if (n) { n.hidden = false; n.querySelector("button").onclick = function () { t.value = kept; n.hidden = true; t.focus(); }; }
      }
      t.addEventListener("input", function () { localStorage.setItem(key, t.value); });
      t.form.addEventListener("submit", function () { localStorage.removeItem(key); });
    } catch (ignored) { /* private windows have no storage: the page works without */ }
  });
  var sum = d.getElementById("error-summary"); if (sum) sum.focus();
})(document);
