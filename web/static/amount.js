// Group the thousands of an amount while it is typed: 1500000 shows as 1.500.000.
//
// Only digits that say one thing are touched. What the server must judge (a decimal comma, a minus, "1tr5") stays as it
// was typed, so that nobody sends what they did not write.

const PLAIN = /^[0-9]{1,16}$/;
const GROUPED = /^[0-9]{1,3}(?:([.,\u00a0\u202f ])[0-9]{3})(?:\1[0-9]{3})*$/;
const BEING_TYPED = /^[0-9.]+$/;

export function grouped(digits) {
  return digits.replace(/^0+(?=[0-9])/, "").replace(/\B(?=(?:[0-9]{3})+$)/g, ".");
}

// The đồng of a text, or null where a machine should not guess.
export function amountOf(text) {
  const typed = text.trim().replace(/\s*(?:đ|₫|vnđ|vnd|đồng)\.?$/i, "");
  if (PLAIN.test(typed)) return Number(typed);
  return GROUPED.test(typed) ? Number(typed.replace(/[^0-9]/g, "")) : null;
}

// Keep the caret behind the digit it was behind: counted in digits, because marks come and go.
function regroup(input) {
  const before = input.value;
  // While digits are added or taken away inside a grouped number its dots stand wrong; nothing else may be in it.
  if (!BEING_TYPED.test(before) || (before.includes(".") && !wasGrouped(input))) return;
  const digits = before.replace(/\./g, "");
  if (!PLAIN.test(digits)) return;
  const behind = before.slice(0, input.selectionStart ?? before.length).replace(/\./g, "").length;
  const after = grouped(digits);
  input.dataset.grouped = after;
  if (after === before) return;
  input.value = after;
  let caret = 0;
  for (let seen = 0; caret < after.length && seen < behind; caret += 1) if (after[caret] !== ".") seen += 1;
  if (document.activeElement === input) input.setSelectionRange(caret, caret);
}

// Dots are ours only if the field held our grouping before this key; "1.5" typed by hand is a decimal to be refused.
function wasGrouped(input) {
  return (input.dataset.grouped ?? "").includes(".") || GROUPED.test(input.value);
}

export function groupAmounts(root) {
  for (const input of root.querySelectorAll("[data-amount]")) group(input);
}

export function listenForAmounts(root) {
  root.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-amount]") && !event.isComposing) regroup(event.target);
  });
  // What was pasted or filled in: "1 500 000 đ" or "1,500,000" means one thing too.
  root.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-amount]")) group(event.target);
  });
}

// Write an amount as the law does, where it is one.
export function group(input) {
  const amount = amountOf(input.value);
  if (amount !== null) input.value = input.dataset.grouped = grouped(String(amount));
}
