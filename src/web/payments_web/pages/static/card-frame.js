/* The card field's frame: seals a card with the merchant's publishable key and gives back what stands for it, never the number. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const byId = (id) => document.getElementById(id);
  const fields = [byId("number"), byId("expiry"), byId("cvc")];
  const touched = new Set();
  let port = null;
  let key = "";

  const card = CardInput.attach(...fields, (brand) => {
    byId("brand-picture").src = data.pictures[brand.name];
    byId("brand-name").textContent = brand.label;
    byId("cvc-hint").textContent = data.words[brand.cvc === 4 ? "cvc_where_amex" : "cvc_where"];
  });

  function look(all) {
    const mistakes = card.mistakes();
    let first = "";
    for (const input of fields) {
      const wrong = mistakes[input.id];
      const shows = wrong && (all || (touched.has(input.id) && input.value));
      if (shows) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      if (shows && !first) first = wrong;
    }
    byId("error").textContent = first ? data.words[first] : "";
    byId("error").hidden = !first;
    tell(Object.values(mistakes).every((mistake) => !mistake), first);
    return first;
  }

  function tell(complete, mistake) {
    if (!port) return;
    port.postMessage({
      event: "change", complete, empty: fields.every((input) => !input.value), brand: card.brand.name,
      error: mistake ? { code: mistake, message: data.words[mistake] } : null, height: Math.ceil(document.querySelector("main").getBoundingClientRect().height),
    });
  }

  for (const input of fields) {
    input.addEventListener("blur", () => { touched.add(input.id); look(false); });
    input.addEventListener("input", () => look(false));
    input.addEventListener("focus", () => port && port.postMessage({ event: "focus" }));
  }
  new ResizeObserver(() => look(false)).observe(document.querySelector("main"));

  function flatten(tree, name, into) {
    for (const [part, value] of Object.entries(tree || {})) {
      const path = name ? `${name}[${part}]` : part;
      if (value !== null && typeof value === "object") flatten(value, path, into);
      else if (value !== undefined && value !== null) into.append(path, value);
    }
    return into;
  }

  async function seal(path, told) {
    const answer = await fetch(path, {
      method: "POST", credentials: "omit",
      headers: { authorization: "Bearer " + key, "content-type": "application/x-www-form-urlencoded" },
      body: flatten(told, "", new URLSearchParams()),
    });
    return answer.json();
  }

  const ACTIONS = {
    createPaymentMethod: (told) => seal("/v1/payment_methods", { ...told, type: "card", card: card.values() }),
    createToken: (told) => seal("/v1/tokens", { card: { ...told, ...card.values() } }),
  };

  async function answer(message) {
    const { id, action, params } = message.data || {};
    if (action === "clear") { card.clear(); touched.clear(); look(false); return; }
    if (action === "focus") { fields[0].focus(); return; }
    if (!Object.hasOwn(ACTIONS, action)) return;
    const mistake = look(true);
    if (mistake) {
      fields.find((input) => input.getAttribute("aria-invalid")).focus();
      port.postMessage({ id, result: { error: { type: "validation_error", code: mistake, message: data.words[mistake] } } });
      return;
    }
    const result = await ACTIONS[action](params).catch(() => ({ error: { type: "api_connection_error", message: data.words.trouble } }));
    port.postMessage({ id, result });
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || port || !event.data || event.data.payments !== "card" || !event.ports[0]) return;
    key = String(event.data.key);
    port = event.ports[0];
    port.onmessage = answer;
    port.postMessage({ event: "ready" });
    look(false);
  });
})();
