/* Card fields: formatting, brand and check digit as somebody types. Knows nothing of pages or of the network. */
(function () {
  "use strict";

  const BRANDS = [
    { name: "amex", label: "American Express", pattern: /^3[47]/, lengths: [15], usual: 15, cvc: 4, groups: [4, 6, 5] },
    { name: "diners", label: "Diners Club", pattern: /^3(?:0[0-5]|[689])/, lengths: [14, 16, 19], cvc: 3, groups: [4, 6, 4] },
    { name: "jcb", label: "JCB", pattern: /^35(?:2[89]|[3-8])/, lengths: [16, 17, 18, 19], cvc: 3 },
    { name: "discover", label: "Discover", pattern: /^6(?:011|4[4-9]|5)/, lengths: [16, 17, 18, 19], cvc: 3 },
    { name: "unionpay", label: "UnionPay", pattern: /^(?:62|81)/, lengths: [16, 17, 18, 19], cvc: 3 },
    { name: "mastercard", label: "Mastercard", pattern: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16], usual: 16, cvc: 3 },
    { name: "visa", label: "Visa", pattern: /^4/, lengths: [13, 16, 19], usual: 16, cvc: 3 },
  ];
  const UNKNOWN = { name: "unknown", label: "", lengths: [12, 13, 14, 15, 16, 17, 18, 19], cvc: 3 };
  const FOURS = [4, 4, 4, 4, 3];

  const digitsOf = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "");

  function brandOf(digits) {
    return BRANDS.find((brand) => brand.pattern.test(digits)) || UNKNOWN;
  }

  function luhn(digits) {
    let sum = 0;
    for (let at = 0; at < digits.length; at += 1) {
      let value = Number(digits[digits.length - 1 - at]);
      if (at % 2 === 1) { value *= 2; if (value > 9) value -= 9; }
      sum += value;
    }
    return sum % 10 === 0;
  }

  function grouped(digits) {
    const brand = brandOf(digits);
    const groups = brand.groups && digits.length <= brand.groups.reduce((a, b) => a + b) ? brand.groups : FOURS;
    const parts = [];
    let at = 0;
    for (const size of groups) {
      if (at >= digits.length) break;
      parts.push(digits.slice(at, at + size));
      at += size;
    }
    return parts.join(" ");
  }

  /* What is wrong with a number: "", "required", "short_number" or "bad_number". */
  function checkNumber(text) {
    const digits = digitsOf(text);
    if (!digits) return "required";
    const brand = brandOf(digits);
    if (digits.length < Math.min(...brand.lengths)) return "short_number";
    if (!brand.lengths.includes(digits.length) || !luhn(digits)) return "bad_number";
    return "";
  }

  function expiryOf(text) {
    const match = /^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(text.trim());
    if (!match) return null;
    const month = Number(match[1]);
    const year = Number(match[2]) + (match[2].length === 2 ? 2000 : 0);
    return month >= 1 && month <= 12 ? { month, year } : null;
  }

  function checkExpiry(text, today) {
    if (!text.trim()) return "required";
    const expiry = expiryOf(text);
    if (!expiry) return "bad_expiry";
    const now = today || new Date();
    const past = expiry.year < now.getFullYear() || (expiry.year === now.getFullYear() && expiry.month < now.getMonth() + 1);
    if (past) return "past_expiry";
    return expiry.year > now.getFullYear() + 50 ? "bad_expiry" : "";
  }

  function checkCvc(text, brand) {
    if (!text) return "required";
    return /^\d+$/.test(text) && text.length === brand.cvc ? "" : "bad_cvc";
  }

  function formatExpiry(text, deleting) {
    let digits = digitsOf(text);
    if (/^[2-9]/.test(digits)) digits = "0" + digits;
    const slashed = /^\s*1\s*\//.test(text) && digits.length === 1;
    if (slashed) digits = "01";
    digits = digits.slice(0, digits.slice(2, 4) === "20" ? 6 : 4);
    if (digits.length < 2 || (digits.length === 2 && deleting)) return digits;
    return digits.slice(0, 2) + " / " + digits.slice(2);
  }

  /* Replace what an input shows and keep the caret behind the same digit. */
  function rewrite(input, text) {
    const caret = input.selectionStart === null ? input.value.length : input.selectionStart;
    const before = digitsOf(input.value.slice(0, caret)).length;
    const atEnd = caret === input.value.length;
    if (input.value === text) return;
    input.value = text;
    let place = text.length;
    if (!atEnd) {
      place = 0;
      for (let seen = 0; place < text.length && seen < before; place += 1) if (/\d/.test(text[place])) seen += 1;
    }
    input.setSelectionRange(place, place);
  }

  /* Keep three inputs in shape; onBrand hears of every change of brand. */
  function attach(number, expiry, cvc, onBrand) {
    let brand = UNKNOWN;
    number.addEventListener("input", () => {
      const digits = digitsOf(number.value).slice(0, 19);
      rewrite(number, grouped(digits));
      const now = brandOf(digits);
      if (now !== brand) {
        brand = now;
        cvc.maxLength = brand.cvc;
        onBrand(brand);
      }
      if (digits.length === brand.usual && luhn(digits) && document.activeElement === number
          && number.selectionStart === number.value.length) expiry.focus();
    });
    expiry.addEventListener("input", (event) => {
      const deleting = Boolean(event.inputType) && event.inputType.startsWith("delete");
      rewrite(expiry, formatExpiry(expiry.value, deleting));
      if (expiry.value.length === 7 && !deleting && !checkExpiry(expiry.value) && document.activeElement === expiry) cvc.focus();
    });
    cvc.addEventListener("input", () => rewrite(cvc, digitsOf(cvc.value).slice(0, 4)));
    return {
      get brand() { return brand; },
      mistakes() {
        return { number: checkNumber(number.value), expiry: checkExpiry(expiry.value), cvc: checkCvc(cvc.value, brand) };
      },
      /* The only place where the number is read for sending. */
      values() {
        const when = expiryOf(expiry.value);
        return { number: digitsOf(number.value), exp_month: String(when.month), exp_year: String(when.year), cvc: cvc.value };
      },
      clear() { number.value = expiry.value = cvc.value = ""; brand = UNKNOWN; onBrand(brand); },
    };
  }

  globalThis.CardInput = Object.freeze({ attach, brandOf, luhn, grouped, formatExpiry, checkNumber, checkExpiry, checkCvc, expiryOf, digitsOf });
})();
