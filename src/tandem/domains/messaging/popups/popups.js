/*! Tandem pop-ups: docs/beacon.md */
(function (w, d) {
  "use strict";
  var api = w.tandem, open = null, told = [];
  var zh = !/^en/i.test(d.documentElement.lang || w.navigator.language || "");
  function call(seen, then) {
    var at = api.at();
    if (!at.token) return;
    w.fetch(at.to.replace("/v1/beacon?", "/v1/beacon/popups?"), { method: "POST", body: JSON.stringify({ token: at.token, seen: seen }), keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } })
      .then(function (a) {
        if (a.status === 429 || a.status > 499) throw a.status;
        return a.status === 200 && then ? a.json().then(then) : null;
      })
      /* Twenty deeds at most go with a call, and the next one brings one of its own. */
      .catch(function () { told = told.concat(seen).slice(-19); });
  }
  function tell(id, what) { call(told.splice(0).concat([{ id: id, what: what }])); }
  /* Styles are set one by one: a page's own policy may forbid style sheets, and its own must not reach in. */
  function make(tag, style, text) {
    var one = d.createElement(tag);
    one.style.cssText = style;
    if (text) one.textContent = text;
    return one;
  }
  function show(popup) {
    if (open) return;
    var dark = w.matchMedia && w.matchMedia("(prefers-color-scheme: dark)").matches;
    var host = make("div", "all:initial;position:fixed;z-index:2147483000;right:16px;bottom:16px;left:auto;max-width:min(360px,calc(100vw - 32px));");
    var root = host.attachShadow({ mode: "closed" });
    var card = make("section", "box-sizing:border-box;width:100%;padding:20px 44px 20px 20px;border-radius:12px;box-shadow:0 8px 28px rgba(0,0,0,.22);font:15px/1.6 system-ui,-apple-system,'PingFang SC','Microsoft YaHei',sans-serif;position:relative;" + (dark ? "background:#1d2127;color:#e6e8eb;border:1px solid #3a404a" : "background:#fff;color:#1f2329;border:1px solid #dee0e3"));
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-label", popup.title || popup.text.slice(0, 60));
    if (popup.title) card.appendChild(make("div", "font-weight:600;font-size:17px;margin:0 0 4px;overflow-wrap:anywhere", popup.title));
    card.appendChild(make("div", "white-space:pre-line;overflow-wrap:anywhere", popup.text));
    function close(what) {
      if (!open) return;
      open = null;
      d.removeEventListener("keydown", key);
      host.remove();
      tell(popup.id, what);
    }
    function key(e) { if (e.key === "Escape") close("closed"); }
    if (popup.button && /^https:\/\//.test(popup.link)) {
      var go = make("a", "display:inline-block;margin-top:12px;padding:8px 20px;border-radius:8px;background:#1f5fbf;color:#fff;text-decoration:none;font-weight:600", popup.button);
      go.href = popup.link;
      go.rel = "noopener";
      go.addEventListener("click", function () { close("clicked"); });
      card.appendChild(go);
    }
    var off = make("button", "all:unset;box-sizing:border-box;position:absolute;top:8px;right:8px;width:32px;height:32px;line-height:32px;text-align:center;font-size:20px;cursor:pointer;border-radius:6px", "×");
    off.setAttribute("aria-label", zh ? "关闭" : "Close");
    off.addEventListener("focus", function () { off.style.outline = "2px solid #1f5fbf"; });
    off.addEventListener("blur", function () { off.style.outline = ""; });
    off.addEventListener("click", function () { close("closed"); });
    card.appendChild(off);
    root.appendChild(card);
    d.body.appendChild(host);
    open = host;
    d.addEventListener("keydown", key);
    tell(popup.id, "shown");
  }
  api.popups = function () { if (!open) call(told.splice(0), function (a) { if (a.popup) show(a.popup); }); };
  api.popups();
})(window, document);
