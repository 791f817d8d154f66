/* The checkout page: checks the form, seals the card through the API, confirms, and follows what comes of it.
   The card number goes to /v1/payment_methods and nowhere else. */
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("page-data").textContent);
  const say = data.words;
  const form = document.getElementById("form");
  const fields = document.getElementById("fields");
  const button = document.getElementById("submit");
  const buttonText = document.getElementById("submit-text");
  const alertBox = document.getElementById("alert");
  const status = document.getElementById("status");
  const byId = (id) => document.getElementById(id);
  const POLL_MS = 1000;
  const POLLS_MAX = 60;
  let busy = false;

  /* --- what the form says --- */

  const card = byId("number") && CardInput.attach(byId("number"), byId("expiry"), byId("cvc"), (brand) => {
    byId("brand-picture").src = data.pictures[brand.name];
    byId("brand-name").textContent = brand.label;
    byId("cvc-hint").textContent = say[brand.cvc === 4 ? "cvc_where_amex" : "cvc_where"];
  });

  const value = (id) => (byId(id) ? byId(id).value.trim() : "");

  function mistakeIn(input) {
    if (card && ["number", "expiry", "cvc"].includes(input.id)) return card.mistakes()[input.id];
    if (input.required && !input.value.trim()) return "required";
    if (input.type === "email" && input.value && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(input.value.trim())) return "bad_email";
    return "";
  }

  function show(input, mistake) {
    const place = byId(input.id + "-error");
    if (!place) return;
    place.textContent = mistake ? say[mistake] || mistake : "";
    place.hidden = !mistake;
    if (mistake) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
  }

  const inputs = () => Array.from(form.querySelectorAll("input:not([type=radio]), select"));

  function check() {
    const wrong = [];
    for (const input of inputs()) {
      const mistake = mistakeIn(input);
      show(input, mistake);
      if (mistake) wrong.push({ input, mistake });
    }
    return wrong;
  }

  form.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!busy && input.id && input.value) show(input, mistakeIn(input));
  });
  form.addEventListener("input", (event) => {
    const input = event.target;
    if (input.getAttribute("aria-invalid") && !mistakeIn(input)) show(input, "");
    if (input.id === "number" && CardInput.digitsOf(input.value).length >= 15 && mistakeIn(input) === "bad_number") show(input, "bad_number");
  });

  /* --- what it costs --- */

  let now = data.price;
  const chosen = () => form.querySelector("input[name=shipping_rate]:checked");
  const price = () => (chosen() ? now.options[chosen().value] : now);

  form.addEventListener("change", (event) => {
    if (event.target.name !== "shipping_rate") return;
    showTotal();
    status.textContent = price().button;
  });

  function showTotal() {
    for (const place of document.querySelectorAll("[data-total]")) place.textContent = price().total;
    const sending = document.querySelector("[data-shipping]");
    if (sending) sending.textContent = price().shipping;
    buttonText.textContent = price().button;
  }

  function showRow(name) {
    document.querySelector(`[data-${name}]`).textContent = now[name] || "";
    document.querySelector(`[data-row=${name}]`).hidden = !now[name];
  }

  function showPrice(told) {
    if (told.needs_card !== data.price.needs_card) { location.reload(); return; }
    now = told;
    for (const [line, cost] of Object.entries(now.lines)) document.querySelector(`[data-amount="${line}"]`).textContent = cost;
    document.querySelector("[data-subtotal]").textContent = now.subtotal;
    document.querySelector("[data-discount-name]").textContent = now.discount_name;
    showRow("discount");
    showRow("tax");
    showTotal();
    showCode();
    byId("price-status").textContent = now.said;
  }

  /* --- what the payer changes: how many they take, and a promotion code --- */

  const promotion = byId("promotion");

  function showCode() {
    if (!promotion) return;
    byId("promotion-entry").hidden = Boolean(now.code);
    byId("promotion-remove").hidden = !now.code;
    byId("promotion-remove").textContent = now.remove || "";
  }

  async function adjust(changes) {
    if (busy) return null;
    work(true);
    const told = await ask(data.adjust, { client_secret: data.secret, ...changes }).catch(() => ({ error: { message: say.trouble } }));
    work(false);
    if (told.price) showPrice(told.price);
    return told.error || null;
  }

  for (const input of document.querySelectorAll("[data-line]")) {
    input.addEventListener("change", async () => {
      const before = input.defaultValue;
      if (!input.checkValidity()) { input.value = before; return; }
      const error = await adjust({ quantities: { [input.dataset.line]: Number(input.value) } });
      if (error) { input.value = before; tell(error.message); } else { input.defaultValue = input.value; }
    });
  }

  if (promotion) {
    const code = byId("code");
    promotion.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!code.value.trim()) { show(code, "required"); code.focus(); return; }
      const error = await adjust({ promotion_code: code.value });
      show(code, error && (error.code === "resource_missing" ? "bad_code" : error.message));
      if (error) code.focus(); else { code.value = ""; byId("promotion-remove").focus(); }
    });
    byId("promotion-remove").addEventListener("click", async () => {
      const error = await adjust({ promotion_code: "" });
      if (error) tell(error.message); else code.focus();
    });
  }

  /* --- what the payer is told --- */

  function tell(message, wrong) {
    alertBox.replaceChildren();
    alertBox.hidden = !message;
    if (!message) return;
    const text = document.createElement("strong");
    text.textContent = message;
    alertBox.append(wrong ? text : message);
    if (wrong) {
      const list = document.createElement("ul");
      for (const { input, mistake } of wrong) {
        const row = document.createElement("li");
        const link = document.createElement("a");
        link.href = "#" + input.id;
        link.textContent = form.querySelector(`label[for="${input.id}"]`).textContent + ": " + say[mistake];
        link.addEventListener("click", (event) => { event.preventDefault(); input.focus(); });
        row.append(link);
        list.append(row);
      }
      alertBox.append(list);
    }
    alertBox.focus({ preventScroll: true });
    alertBox.scrollIntoView({ block: "nearest" });
  }

  function work(is) {
    busy = is;
    button.setAttribute("aria-disabled", String(is));
    fields.disabled = is;
    buttonText.textContent = is ? say.processing : price().button;
    status.textContent = is ? say.processing : "";
  }

  const fieldOf = { number: "number", exp_month: "expiry", exp_year: "expiry", cvc: "cvc", email: "email", phone: "phone" };

  function refuse(error) {
    work(false);
    const name = (error.param || "").replace(/.*\[(\w+)\]$/, "$1");
    const input = byId(fieldOf[name] || "");
    if (input) show(input, error.message);
    if (error.code === "incorrect_cvc" && byId("cvc")) { byId("cvc").value = ""; }
    tell(error.message || say.trouble);
  }

  /* --- what is sent --- */

  function address(prefix) {
    const parts = {};
    for (const part of ["country", "line1", "line2", "city", "state", "postal_code"]) {
      if (value(`${prefix}-${part}`)) parts[part] = value(`${prefix}-${part}`);
    }
    return parts;
  }

  function payer() {
    const told = { email: value("email") };
    if (value("name")) told.name = value("name");
    if (value("phone")) told.phone = value("phone");
    const where = address("billing");
    if (Object.keys(where).length) told.address = where;
    return told;
  }

  function flatten(tree, name, into) {
    for (const [key, part] of Object.entries(tree)) {
      const path = name ? `${name}[${key}]` : key;
      if (typeof part === "object") flatten(part, path, into); else into.append(path, part);
    }
    return into;
  }

  async function seal() {
    const answer = await fetch("/v1/payment_methods", {
      method: "POST",
      headers: { authorization: "Bearer " + data.key, "content-type": "application/x-www-form-urlencoded" },
      body: flatten({ type: "card", card: card.values(), billing_details: payer() }, "", new URLSearchParams()),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    return answer.json();
  }

  async function confirm(method) {
    const told = { client_secret: data.secret, billing_details: payer(), expected_amount: price().amount };
    if (method) told.payment_method = method;
    if (chosen()) told.shipping_rate = chosen().value;
    if (byId("shipping-name")) told.shipping = { name: value("shipping-name"), address: address("shipping") };
    return ask(data.confirm, told);
  }

  async function ask(place, told) {
    const answer = await fetch(place, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(told),
      credentials: "omit",
    });
    return answer.json();
  }

  async function follow(told) {
    if (told.redirect) {
      location.assign(told.redirect);
    } else if (told.status === "processing") {
      await wait();
    } else if (told.error && told.error.code === "checkout_amount_mismatch") {
      location.reload();
    } else {
      refuse(told.error || {});
    }
  }

  async function wait() {
    work(true);
    status.textContent = say.under_way;
    for (let turn = 0; turn < POLLS_MAX; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const answer = await fetch(data.status, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ client_secret: data.secret }), credentials: "omit",
      }).catch(() => null);
      const told = answer && await answer.json();
      if (told && told.status !== "processing") return follow(told);
    }
    tell(say.still_under_way);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    const wrong = check();
    if (wrong.length) { tell(say.check, wrong); return; }
    tell("");
    work(true);
    try {
      const method = card ? await seal() : null;
      if (method && method.error) { refuse(method.error); return; }
      await follow(await confirm(method && method.id));
    } catch {
      refuse({ message: say.trouble });
    }
  });

  /* A page that comes back from the browser's memory is not busy any more. */
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  if (data.processing) wait(); else if (!alertBox.hidden) alertBox.focus({ preventScroll: true });
})();
