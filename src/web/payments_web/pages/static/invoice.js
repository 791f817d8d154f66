/* The invoice page: formats the card as it is typed, checks it before it is sent, and sends it once. Without this script the form
   works all the same. */
(function () {
  "use strict";

  const form = document.getElementById("form");
  if (!form) return;
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const byId = (id) => document.getElementById(id);
  const button = byId("submit");
  let sent = false;

  const card = CardInput.attach(byId("number"), byId("expiry"), byId("cvc"), (brand) => {
    byId("brand-picture").src = data.pictures[brand.name];
    byId("brand-name").textContent = brand.label;
    byId("cvc-hint").textContent = data.words[brand.cvc === 4 ? "cvc_where_amex" : "cvc_where"];
  });

  function show(id, mistake) {
    const place = byId(id + "-error");
    place.textContent = mistake ? data.words[mistake] : "";
    place.hidden = !mistake;
    if (mistake) byId(id).setAttribute("aria-invalid", "true"); else byId(id).removeAttribute("aria-invalid");
  }

  for (const id of ["number", "expiry", "cvc"]) {
    byId(id).addEventListener("blur", () => { if (byId(id).value) show(id, card.mistakes()[id]); });
  }

  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    const mistakes = card.mistakes();
    const wrong = ["number", "expiry", "cvc"].filter((id) => { show(id, mistakes[id]); return mistakes[id]; });
    if (wrong.length || sent) {
      event.preventDefault();
      if (wrong.length) byId(wrong[0]).focus();
      return;
    }
    sent = true;
    button.setAttribute("aria-disabled", "true");
    byId("submit-text").textContent = data.words.processing;
  });

  // A page that comes back out of the browser's memory can be used again.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
})();
