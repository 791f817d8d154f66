/* payments.js, version 1: pay from a merchant's own page without ever seeing a card number.

   const payments = Payments("pk_test_…");
   const card = payments.cardField();
   card.mount("#card");
   const { paymentIntent, error } = await payments.confirmPayment(clientSecret, { payment_method: { card } });

   Nothing here throws for what a payer does: look at `error`. */
(function (global) {
  "use strict";

  const VERSION = "1";
  const HERE = document.currentScript ? new URL(document.currentScript.src, document.baseURI).origin : "";
  const KEY = /^(pk|page)_(test|live)_[0-9A-Za-z]+$/;

  function flatten(tree, name, into) {
    for (const [part, value] of Object.entries(tree || {})) {
      const path = name ? `${name}[${part}]` : part;
      if (value !== null && typeof value === "object") flatten(value, path, into);
      else if (value !== undefined && value !== null) into.append(path, value);
    }
    return into;
  }

  const unreachable = () => ({ error: { type: "api_connection_error", message: "The payment service cannot be reached." } });

  /* A field for a card, in a frame of the payment service. */
  function cardField(base, key, options) {
    const frame = document.createElement("iframe");
    const listeners = { change: [], focus: [], ready: [] };
    const waiting = new Map();
    const channel = new MessageChannel();
    let last = 0;
    let isReady;
    const ready = new Promise((resolve) => { isReady = resolve; });

    frame.title = options.title || "Card";
    frame.src = `${base}/c/card` + (options.locale ? `?locale=${encodeURIComponent(options.locale)}` : "");
    frame.allow = "payment *";
    frame.referrerPolicy = "no-referrer";
    frame.style.cssText = "border:0;width:100%;height:54px;display:block;color-scheme:light dark;background:transparent";
    frame.addEventListener("load", () => frame.contentWindow.postMessage({ payments: "card", key }, base, [channel.port2]), { once: true });

    channel.port1.onmessage = ({ data }) => {
      if (data.id !== undefined) { waiting.get(data.id)(data.result); waiting.delete(data.id); return; }
      if (data.event === "ready") isReady();
      if (data.height) frame.style.height = `${data.height}px`;
      for (const listener of listeners[data.event] || []) listener(data);
    };

    async function ask(action, params) {
      await ready;
      last += 1;
      const id = last;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        channel.port1.postMessage({ id, action, params });
      });
    }

    const field = {
      mount(place) {
        const element = typeof place === "string" ? document.querySelector(place) : place;
        if (!element) throw new Error(`There is no ${place} to mount the card field in.`);
        element.replaceChildren(frame);
        return field;
      },
      unmount() { frame.remove(); },
      on(event, listener) { listeners[event].push(listener); return field; },
      clear() { ready.then(() => channel.port1.postMessage({ action: "clear" })); },
      focus() { ready.then(() => channel.port1.postMessage({ action: "focus" })); },
    };
    asks.set(field, ask);
    return Object.freeze(field);
  }

  const asks = new WeakMap();

  function askOf(card) {
    const ask = asks.get(card);
    if (!ask) throw new Error("That is no card field: make one with payments.cardField().");
    return ask;
  }

  /* The bank's page, over the merchant's. Resolves when it is over, or was closed. */
  function challenge(base, url) {
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      const close = document.createElement("button");
      const frame = document.createElement("iframe");
      dialog.setAttribute("aria-label", "Your bank’s check");
      dialog.style.cssText = "padding:0;border:0;border-radius:16px;width:min(460px,calc(100vw - 24px));height:min(640px,calc(100dvh - 24px));overflow:hidden";
      close.type = "button";
      close.textContent = "Cancel";
      close.style.cssText = "position:absolute;top:10px;right:10px;z-index:1;font:14px system-ui;min-height:32px;padding:4px 12px;border:1px solid #868f9c;border-radius:8px;background:#fff;color:#16191d;cursor:pointer";
      frame.title = "Your bank’s check";
      frame.src = new URL(url, base + "/").href;
      frame.style.cssText = "border:0;width:100%;height:100%;display:block";
      dialog.append(frame, close);
      document.body.append(dialog);
      const end = () => { window.removeEventListener("message", hear); dialog.close(); dialog.remove(); resolve(); };
      const hear = (event) => {
        if (event.origin === base && event.source === frame.contentWindow && event.data && event.data.payments === "challenge-over") end();
      };
      window.addEventListener("message", hear);
      close.addEventListener("click", end);
      dialog.addEventListener("cancel", (event) => { event.preventDefault(); end(); });
      dialog.showModal();
    });
  }

  function Payments(key, options) {
    if (!KEY.test(key)) throw new Error("Payments needs a publishable key: it starts with pk_test_ or pk_live_.");
    const base = new URL((options && options.apiBase) || HERE || location.origin, document.baseURI).origin;

    async function api(method, path, told) {
      const form = flatten(told, "", new URLSearchParams());
      const query = method === "GET" && String(form) ? `?${form}` : "";
      try {
        const answer = await fetch(base + path + query, {
          method, credentials: "omit", referrerPolicy: "no-referrer",
          headers: { authorization: "Bearer " + key, ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}) },
          body: method === "POST" ? form : undefined,
        });
        return await answer.json();
      } catch {
        return unreachable();
      }
    }

    const KINDS = {
      pi: { path: "/v1/payment_intents/", name: "paymentIntent", last: "last_payment_error" },
      seti: { path: "/v1/setup_intents/", name: "setupIntent", last: "last_setup_error" },
    };

    function kindOf(secret) {
      const match = /^((pi|seti)_[0-9A-Za-z]+)_secret_[0-9A-Za-z]+$/.exec(secret || "");
      if (!match) throw new Error("That is no client secret of a payment intent or setup intent.");
      return { id: match[1], ...KINDS[match[2]] };
    }

    const result = (kind, told) => (told.error ? { error: told.error } : { [kind.name]: told });

    async function retrieve(secret) {
      const kind = kindOf(secret);
      return result(kind, await api("GET", kind.path + kind.id, { client_secret: secret }));
    }

    async function handleNextAction(secret) {
      const kind = kindOf(secret);
      const before = await retrieve(secret);
      const action = !before.error && before[kind.name].next_action;
      if (!action) return before;
      if (action.type === "redirect_to_url") {
        location.assign(new URL(action.redirect_to_url.url, base + "/").href);
        return new Promise(() => {});
      }
      await challenge(base, action.use_stripe_sdk.stripe_js);
      const after = await retrieve(secret);
      const intent = after[kind.name];
      if (intent && intent.status === "requires_action") {
        return { error: { type: "validation_error", code: "authentication_abandoned", message: "The bank’s check was not finished." } };
      }
      if (intent && intent[kind.last] && intent.status === "requires_payment_method") return { error: intent[kind.last] };
      return after;
    }

    async function confirm(secret, told) {
      const kind = kindOf(secret);
      const params = { ...told };
      const method = params.payment_method;
      if (method && typeof method === "object") {
        const made = await askOf(method.card)("createPaymentMethod", { billing_details: method.billing_details });
        if (made.error) return { error: made.error };
        params.payment_method = made.id;
      }
      const confirmed = await api("POST", `${kind.path}${kind.id}/confirm`, { client_secret: secret, use_stripe_sdk: !params.return_url, ...params });
      if (confirmed.error) return { error: confirmed.error };
      return confirmed.status === "requires_action" ? handleNextAction(secret) : result(kind, confirmed);
    }

    return Object.freeze({
      version: VERSION,
      cardField: (told) => cardField(base, key, told || {}),
      async createPaymentMethod(card, told) {
        const made = await askOf(card)("createPaymentMethod", told || {});
        return made.error ? { error: made.error } : { paymentMethod: made };
      },
      async createToken(card, told) {
        const made = await askOf(card)("createToken", told || {});
        return made.error ? { error: made.error } : { token: made };
      },
      confirmPayment: confirm,
      confirmSetup: confirm,
      handleNextAction,
      retrievePaymentIntent: retrieve,
      retrieveSetupIntent: retrieve,
    });
  }

  Payments.version = VERSION;
  global.Payments = Payments;
})(window);
