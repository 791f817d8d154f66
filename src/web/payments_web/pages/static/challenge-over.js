/* Tells the page that framed or opened the bank's page that the challenge is over; it looks the intent up by itself. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const owner = window.parent !== window ? window.parent : window.opener;
  if (owner) owner.postMessage({ payments: "challenge-over", intent: data.intent, challenge: data.challenge }, "*");
})();
