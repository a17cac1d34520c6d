/* Optional: every page works without it. One layer at a time and Esc, keys that focus, jumps, ticking clocks,
   drafts kept in this browser while they are typed, a word when the line is gone. */
(function (d) {
  "use strict";
  var zh = /^zh/.test(d.documentElement.lang);
  var all = function (what, root) { return Array.prototype.slice.call((root || d).querySelectorAll(what)); };
  var store = { get: function (k) { try { return localStorage.getItem(k); } catch (e) { return null; } },
    set: function (k, v) { try { if (v === null) localStorage.removeItem(k); else localStorage.setItem(k, v); } catch (e) { /* private windows have none */ } } };

  // Layers: an explanation that opens closes the others; Esc gives the focus back to what opened it.
  function shut(but) { all("details.why[open]").forEach(function (p) { if (p !== but && !p.contains(but)) p.open = false; }); }
  d.addEventListener("toggle", function (e) { if (e.target.open && e.target.matches("details.why")) shut(e.target); }, true);
  d.addEventListener("click", function (e) { var inside = e.target.closest("details.why"); if (!inside) shut(null); });

  // Sheets that open by an address (#confirm): the focus goes in, stays in, and comes back.
  var from = null;
  function sheet() { return d.querySelector(".blast:target"); }
  addEventListener("hashchange", function () {
    var s = sheet();
    if (s) { var first = s.querySelector("button,input:not([type=hidden]),select,a"); if (first) first.focus(); }
    else if (from) { from.focus(); from = null; }
  });
  d.addEventListener("click", function (e) { var a = e.target.closest('a[href="#confirm"],a[href="#return"]'); if (a) from = a; });
  function trap(e, box) {
    var stops = all("a[href],button,input:not([type=hidden]),select,textarea", box), first = stops[0], last = stops[stops.length - 1];
    if (e.shiftKey && d.activeElement === first) { e.preventDefault(); last.focus(); }
    else if (!e.shiftKey && d.activeElement === last) { e.preventDefault(); first.focus(); }
  }

  // The list of keys as a layer over the page one is on; without it, as its own page.
  var layer = null, before = null;
  function close() { if (layer) { layer.remove(); layer = null; if (before) before.focus(); } }
  function help(link) {
    if (layer) { close(); return; }
    fetch(link.href, { credentials: "same-origin" }).then(function (r) { return r.text(); }).then(function (text) {
      var found = new DOMParser().parseFromString(text, "text/html").getElementById("keys");
      if (!found) { location.href = link.href; return; }
      before = d.activeElement; layer = d.createElement("div"); layer.className = "layer";
      layer.setAttribute("role", "dialog"); layer.setAttribute("aria-modal", "true"); layer.setAttribute("aria-label", link.getAttribute("aria-label"));
      layer.appendChild(d.importNode(found, true)); layer.tabIndex = -1; d.body.appendChild(layer); choice(layer); layer.focus();
    }).catch(function () { location.href = link.href; });
  }
  function choice(root) {
    all("[data-keys-choice]", root).forEach(function (p) {
      var off = p.querySelector("[data-keys-off]"), on = p.querySelector("[data-keys-on]");
      function show() { var is = store.get("keys") === "off"; off.hidden = is; on.hidden = !is; }
      p.hidden = false; show();
      off.onclick = function () { store.set("keys", "off"); show(); };
      on.onclick = function () { store.set("keys", null); show(); };
    });
  }
  choice(d);

  // Keys: off in fields, while a word is being composed, and where the reader switched them off.
  var jump = 0;
  d.addEventListener("keydown", function (e) {
    if (e.key === "Escape") { if (layer) close(); else if (sheet()) location.hash = "main"; else shut(null); return; }
    if (e.key === "Tab" && (layer || sheet())) { trap(e, layer || sheet()); return; }
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.matches("textarea.text") && !e.isComposing) { e.preventDefault(); e.target.form.querySelector("button.p").click(); return; }
    if (/^(input|textarea|select)$/i.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || store.get("keys") === "off") return;
    if (e.key === "/") { var q = d.getElementById("q"); if (q) { e.preventDefault(); q.focus(); } return; }
    if (e.key === "?") { var link = d.querySelector("[data-help]"); if (link) { e.preventDefault(); help(link); } return; }
    if (layer) return;
    if (jump && Date.now() - jump < 1500) { jump = 0; var to = d.querySelector('[data-go="' + e.key.replace(/\W/g, "") + '"]'); if (to) { e.preventDefault(); to.click(); return; } }
    if (e.key === "g") { jump = Date.now(); return; }
    if (e.key === "j" || e.key === "k") {
      var rows = all(".story,table.t td a"), at = rows.indexOf(d.activeElement), next = rows[at < 0 ? 0 : at + (e.key === "j" ? 1 : -1)];
      if (next) { e.preventDefault(); next.focus(); } return;
    }
    if (e.key === "i") { var put = d.querySelector("[data-insert]:not([hidden])"); if (put) { e.preventDefault(); put.focus(); return; } }
    var b = d.querySelector('[data-key="' + e.key.toLowerCase().replace(/["\\]/g, "") + '"]');
    // A key only moves the focus to what sends something out; sending needs Enter.
    if (b) { e.preventDefault(); b.focus(); if (!b.hasAttribute("data-arm") && !/^(input|textarea)$/i.test(b.tagName)) b.click(); }
  });

  // Clocks tick silently; at 10, 5 and 1 minutes, and at the end, one quiet announcement.
  var said = d.createElement("p"); said.className = "vh"; said.setAttribute("aria-live", "polite"); d.body.appendChild(said);
  all("[data-due]").forEach(function (el) {
    var whole = Number(el.dataset.due), speed = Number(d.body.dataset.speed || 1), begin = Date.now(), last = whole;
    function tick() {
      var left = Math.round(whole - (Date.now() - begin) / 1000 * speed);
      if (left < 0) { if (last >= 0) said.textContent = zh ? "时间到" : "Time is up"; last = left; return; }
      [600, 300, 60].forEach(function (mark) { if (last > mark && left <= mark) said.textContent = zh ? "还有 " + mark / 60 + " 分钟" : mark / 60 + " min left"; });
      last = left;
      el.innerHTML = Math.floor(left / 60) + "<small>" + (zh ? "分" : "m") + "</small>" + ("0" + left % 60).slice(-2) + "<small>" + (zh ? "秒" : "s") + "</small>";
    }
    setInterval(tick, 1000);
  });

  // What is being written stays in this browser until it is saved; a fact goes in where the cursor stands.
  // It goes when a newer draft than the one that was open shows that it has arrived, not when it was sent.
  var text = d.querySelector("textarea.text"), revision = d.querySelector("[data-revision]"), key = "draft:" + location.pathname, sent = store.get(key + ":sent");
  if (revision && sent !== null && !d.getElementById("error-summary")) {
    if (Number(revision.dataset.revision) > Number(sent)) store.set(key, null);
    store.set(key + ":sent", null);
  }
  if (text) {
    var kept = store.get(key), note = d.getElementById("kept");
    if (note && kept !== null && kept !== text.value) {
      note.hidden = false;
      note.querySelector("button").onclick = function () { text.value = kept; note.hidden = true; text.focus(); };
    }
    text.addEventListener("input", function () { store.set(key, text.value); });
    text.form.addEventListener("submit", function () { if (passing === text.form || !text.form.requestSubmit) store.set(key + ":sent", revision ? revision.dataset.revision : "0"); });
    var been = false; text.addEventListener("focus", function () { been = true; });
    all("[data-insert]").forEach(function (b) {
      if (!b.dataset.insert) return;
      b.hidden = false;
      b.onclick = function () { if (!been) text.setSelectionRange(text.value.length, text.value.length); text.focus(); text.setRangeText(b.dataset.insert, text.selectionStart, text.selectionEnd, "end"); store.set(key, text.value); };
    });
  }

  // Without a line the page says so, since when; approving and publishing wait for it.
  var off = d.getElementById("offline");
  function line(gone) {
    if (!off) return;
    if (gone && off.hidden) { var now = new Date(); off.querySelector("[data-since]").textContent = ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2); }
    off.hidden = !gone;
  }
  addEventListener("online", function () { line(false); }); addEventListener("offline", function () { line(true); }); line(!navigator.onLine);
  function ask() { return fetch("/alive/" + d.body.dataset.me, { credentials: "same-origin", cache: "no-store", redirect: "manual" }); }
  if (off) off.querySelector("a").onclick = function (e) { if (!d.body.dataset.me) return; e.preventDefault(); ask().then(function () { line(false); }, function () { line(true); }); };

  // Before a form goes, the desk is asked whether it answers and who is signed in. If not, the page stays as it is, with
  // all that was typed; so it does with what the desk would refuse for its size. A second press while the first is on its
  // way is none.
  var large = d.getElementById("too-large");
  function bytes(form) { var sum = 0; new FormData(form).forEach(function (v, name) { sum += 200 + (v.name === undefined ? encodeURIComponent(name + v).length : v.size); }); return sum; }
  var passing = null, out = d.getElementById("signed-out");
  function stay(form, note) { delete form.dataset.busy; if (note) { note.hidden = false; note.focus(); note.scrollIntoView(); } }
  d.addEventListener("submit", function (e) {
    var form = e.target, by = e.submitter;
    if (form === passing || e.defaultPrevented || !d.body.dataset.me || form.getAttribute("method") !== "post") return;
    if (!form.requestSubmit) { if (!navigator.onLine) { e.preventDefault(); line(true); stay(form, off); } return; }
    e.preventDefault();
    if (form.dataset.busy) return;
    if (large) { large.hidden = true; if (bytes(form) > large.dataset.most) { stay(form, large); return; } }
    form.dataset.busy = "1";
    ask().then(function (r) {
      if (!r.ok) { stay(form, r.status >= 500 ? (line(true), off) : out); return; }
      return r.text().then(function (token) {
        all("[name=csrf]").forEach(function (field) { field.value = token; });
        if (out) out.hidden = true;
        passing = form; form.requestSubmit(by); passing = null;
      });
    }, function () { line(true); stay(form, off); });
  });
  addEventListener("pageshow", function () { all("form[data-busy]").forEach(function (form) { delete form.dataset.busy; }); });

  // What goes on is loaded anew by itself, but not from under somebody who reads what is opened, or writes.
  var renew = d.querySelector("meta[name=renew]"), typed = false;
  d.addEventListener("input", function () { typed = true; });
  if (renew) setInterval(function () {
    if (typed || layer || d.querySelector("details[open]:not(.adds)") || d.activeElement.matches("input,textarea,select")) return;
    ask().then(function (r) {
      if (!r.ok) { if (out && r.status < 500) out.hidden = false; } else if (!typed) location.reload();
    }, function () { line(true); });
  }, renew.content * 1000);

  // What is wrong with a query stands below it while it is being written: what “Check it” would say.
  var live = d.querySelector("[data-live]"), query = live && d.getElementById(live.dataset.live), wait = 0, asked = 0;
  if (query) query.addEventListener("input", function () {
    clearTimeout(wait);
    wait = setTimeout(function () {
      var mine = ++asked, filled = new FormData(query.form);
      if (!query.value.trim()) { live.hidden = true; return; }
      filled.set("act", "check");
      fetch(query.form.action, { method: "POST", body: filled, credentials: "same-origin" }).then(function (r) { return r.ok ? r.text() : ""; }).then(function (text) {
        var said = new DOMParser().parseFromString(text, "text/html").getElementById("problems");
        if (said && mine === asked) { live.hidden = false; live.replaceChildren.apply(live, Array.prototype.slice.call(said.childNodes)); }
      }).catch(function () { /* the line is gone: the button says so */ });
    }, 400);
  });

  // Where the tabs are wider than the screen, the one that is open is seen.
  var tab = d.querySelector(".tabs [aria-current]"); if (tab) tab.parentNode.scrollLeft = tab.offsetLeft - 24;

  // A link into a closed part opens it.
  function reveal() {
    var el = location.hash.length > 1 && d.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var p = el; p; p = p.parentElement) if (p.tagName === "DETAILS") p.open = true;
  }
  addEventListener("hashchange", reveal); reveal();
  var sum = d.getElementById("error-summary"); if (sum) sum.focus();
})(document);
