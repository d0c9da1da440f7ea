/*! Tandem beacon: docs/beacon.md */
(function (w, d, n) {
  "use strict";
  var me = d.currentScript || {}, set = me.dataset || {}, ready = w.tandem && w.tandem.q;
  var off = n.doNotTrack === "1" || w.doNotTrack === "1" || n.globalPrivacyControl === true || n.webdriver;
  var to = new URL("/v1/beacon", me.src || w.location.href).href + "?site=" + encodeURIComponent(set.site || "");
  var agreed = set.consent === "yes", queue = [], memory = {}, timer = 0, wait = 1000, busy = false, last = "", more;
  function keep(name, value) {
    memory[name] = value;
    try {
      if (agreed && value) w.localStorage.setItem("tandem." + name, value);
      else w.localStorage.removeItem("tandem." + name);
    } catch (e) {}
  }
  function kept(name) {
    try { return memory[name] || (agreed && w.localStorage.getItem("tandem." + name)) || null; } catch (e) { return memory[name] || null; }
  }
  function id() {
    if (w.crypto.randomUUID) return w.crypto.randomUUID();
    return Array.prototype.map.call(w.crypto.getRandomValues(new Uint8Array(16)), function (b) { return (b + 256).toString(16).slice(1); }).join("");
  }
  function device() {
    if (!agreed) return null;
    if (!kept("device")) keep("device", id());
    return kept("device");
  }
  function add(type, more) {
    if (off || !set.site) return;
    var one = { id: id(), type: type, at: new Date().toISOString(), url: w.location.href, title: d.title.slice(0, 200), referrer: d.referrer };
    for (var k in more) one[k] = more[k];
    queue.push(one);
    if (queue.length > 500) queue.shift();
    if (!timer) timer = w.setTimeout(send, wait);
  }
  function body(part) {
    return JSON.stringify({ sent_at: new Date().toISOString(), consent: agreed, device: device(), token: kept("token"), events: part });
  }
  function post(text) {
    return w.fetch(to, { method: "POST", body: text, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } });
  }
  function send() {
    timer = 0;
    if (busy || !queue.length) return;
    var part = queue.slice(0, 20);
    busy = true;
    function done(ok) {
      busy = false;
      if (ok) { queue = queue.filter(function (one) { return part.indexOf(one) < 0; }); wait = 1000; }
      else wait = Math.min(wait * 2, 60000);
      if (queue.length && !timer) timer = w.setTimeout(send, wait);
    }
    post(body(part)).then(function (a) { done(a.ok || (a.status >= 400 && a.status < 500 && a.status !== 429)); }, function () { done(false); });
  }
  function leave() {
    while (queue.length) {
      var text = body(queue.splice(0, 20));
      if (!(n.sendBeacon && n.sendBeacon(to, text))) post(text).catch(function () {});
    }
  }
  function page() {
    var now = w.location.href;
    if (now === last) return;
    last = now;
    add("page");
    popups();
  }
  function popups() {
    if (off || !kept("token") || set.popups === "no") return;
    if (api.popups) return api.popups();
    if (more) return;
    more = d.createElement("script");
    more.src = new URL("/popups.js", to).href;
    d.head.appendChild(more);
  }
  var api = w.tandem = {
    at: function () { return { to: to, token: kept("token") }; },
    page: function () { last = ""; page(); },
    event: function (name, properties) { add("event", { name: String(name).slice(0, 200), properties: properties || {} }); },
    identify: function (token) {
      if (kept("token") === token) return;
      keep("token", token);
      add("identify");
      popups();
    },
    consent: function (yes) {
      agreed = !!yes;
      if (agreed) keep("token", kept("token"));
      else { keep("device", null); keep("token", kept("token")); }
    },
    reset: function () { leave(); keep("token", null); keep("device", null); }
  };
  d.addEventListener("click", function (e) {
    var at = e.target.closest && e.target.closest("[data-tandem]");
    if (!at) return;
    var found = {};
    for (var k in at.dataset) if (/^tandem./.test(k)) found[k.slice(6).toLowerCase()] = at.dataset[k];
    add("click", { mark: at.dataset.tandem || at.id || "", properties: found });
  }, true);
  ["pushState", "replaceState"].forEach(function (how) {
    var was = w.history[how];
    w.history[how] = function () { var r = was.apply(this, arguments); w.setTimeout(page, 0); return r; };
  });
  w.addEventListener("popstate", page);
  w.addEventListener("pagehide", leave);
  d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") leave(); });
  if (set.manual === undefined) page();
  (ready || []).forEach(function (one) { api[one[0]].apply(api, one.slice(1)); });
})(window, document, navigator);
