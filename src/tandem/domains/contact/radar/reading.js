"use strict";
(function () {
  var path = location.pathname.replace(/\/$/, "") + "/seen";
  var told = {}, seconds = 0, depth = 0, beat = 0;
  function random(bytes) {
    var found = new Uint8Array(bytes);
    crypto.getRandomValues(found);
    return Array.prototype.map.call(found, function (one) { return one.toString(16).padStart(2, "0"); }).join("");
  }
  function deviceId() {
    try {
      var known = localStorage.getItem("reader");
      if (!/^[0-9a-f]{32}$/.test(known || "")) { known = random(16); localStorage.setItem("reader", known); }
      return known;
    } catch (_) { return random(16); }
  }
  var visit = random(16), device = deviceId();
  function tell(what, again) {
    if (told[what] && !again) return;
    told[what] = true;
    fetch(path, { method: "POST", keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ visit: visit, device: device, what: what, seconds: Math.min(seconds, 14400), depth: depth }) }).catch(function () {});
  }
  function look() {
    var high = document.documentElement.scrollHeight - 72;
    depth = Math.max(depth, Math.min(100, Math.round(100 * (scrollY + innerHeight) / Math.max(high, innerHeight))));
  }
  addEventListener("scroll", look, { passive: true });
  // A page that nobody sees is not read: scanners and previews never come this far.
  setInterval(function () {
    if (document.visibilityState !== "visible") return;
    seconds += 1;
    look();
    if (seconds === 1) tell("opened");
    if (seconds - beat >= 15) { beat = seconds; tell("going", true); }
  }, 1000);
  function leave() { if (told.opened) tell("left"); }
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") leave(); });
  var video = document.querySelector("video");
  if (video) video.addEventListener("ended", function () { depth = 100; });
  var like = document.getElementById("like"), share = document.getElementById("share"), go = document.getElementById("go");
  if (like) like.addEventListener("click", function () { like.setAttribute("aria-pressed", "true"); tell("opened"); tell("liked"); });
  if (go) go.addEventListener("click", function () { depth = 100; tell("opened"); leave(); });
  if (share) share.addEventListener("click", function () {
    tell("opened");
    tell("forwarded");
    if (navigator.share) navigator.share({ title: document.title, url: location.href }).catch(function () {});
    else if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(function () { share.textContent = share.dataset.copied; });
  });
})();
