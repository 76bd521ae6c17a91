// Lose nothing that was typed: a form is sent from the page it stands on, and the page stays until the answer is there.
//
// Without a connection, with a session that ended, or while the server is busy the form stays as it is, says so, and
// offers to send again; its key makes both tries one. Leaving a page with something unsent on it asks first.

import { word } from "./words.js";

const changed = new Set();
const SLOW_MS = 4_000;

const pathOf = (url) => new URL(url).pathname;

// A form of signing in or out leads to the next page of it, and means what it says.
const isSigning = (form) => /^\/(sign-in|sign-out|invitation|account)(\/|$)/.test(pathOf(form.action));

const isOurs = (form) => form?.matches?.("form[data-form]") && form.method === "post";

export function keepForms(root) {
  const note = (event) => {
    const form = event.target.form;
    if (isOurs(form)) changed.add(form);
  };
  root.addEventListener("input", note);
  root.addEventListener("change", note);
  root.addEventListener("grid:change", (event) => isOurs(event.target.closest("form")) && changed.add(event.target.closest("form")));
  root.addEventListener("desk:saved", (event) => changed.delete(event.target));
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !isOurs(form)) return;
    event.preventDefault();
    if (!form.hasAttribute("aria-busy")) send(form, event.submitter ?? form.clicked ?? null);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest?.("form[data-form] button");
    if (button?.matches("[data-again]")) send(button.form, button.form.sentBy);
    else if (button?.form) button.form.clicked = button; // older browsers don't say who submits
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
  window.addEventListener("online", () => {
    for (const said of root.querySelectorAll("[data-unsent] [data-why]")) said.textContent = word("online");
  });
}

async function send(form, by) {
  form.sentBy = by;
  form.setAttribute("aria-busy", "true");
  form.querySelector("[data-unsent]")?.remove();
  const slow = setTimeout(() => tell(form, word("slow"), "info", false), SLOW_MS);
  try {
    await form.draft?.settle();
    await take(form, await fetch(by?.hasAttribute("formaction") ? by.formAction : form.action, {
      method: "POST",
      body: bodyOf(form, by),
      headers: { Accept: "text/html" },
    }));
  } catch {
    tell(form, word(navigator.onLine ? "unreachable" : "offline"));
  } finally {
    clearTimeout(slow);
    form.removeAttribute("aria-busy");
  }
}

function bodyOf(form, by) {
  const fields = new FormData(form);
  if (by?.name) fields.append(by.name, by.value);
  return form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
}

async function take(form, answer) {
  // Without script the server answers with a page that keeps the form; here it is kept better, with its files.
  if (answer.status === 401 || (pathOf(answer.url) === "/sign-in" && !isSigning(form))) {
    return tell(form, word("signedOut"), "warn", true, "/sign-in");
  }
  if (answer.redirected) return leave(form, answer.url);
  if (!(answer.headers.get("content-type") ?? "").startsWith("text/html")) {
    if (answer.ok) return sendPlainly(form);
    return tell(form, word("busy"));
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok || answer.status === 422) return show(form, page);
  // A refusal's page says why, but has no form on it: the one here is worth more.
  const said = [page.querySelector("main h1"), page.querySelector("main .lead")].map((each) => each?.textContent.trim());
  return tell(form, said.filter(Boolean).join(". ") || word("busy"));
}

function leave(form, url) {
  changed.clear();
  location.assign(url);
}

// A file, for one, is the browser's to take. The key makes it the same request.
function sendPlainly(form) {
  changed.delete(form);
  HTMLFormElement.prototype.submit.call(form);
}

// What came instead of a redirect is this page again, with what is wrong on it.
function show(form, page) {
  const main = page.querySelector("main");
  if (!main) return sendPlainly(form);
  changed.delete(form);
  document.title = page.title;
  const wanted = main.querySelector("[autofocus]");
  for (const element of main.querySelectorAll("[autofocus]")) element.removeAttribute("autofocus");
  document.querySelector("main").replaceWith(main);
  main.dispatchEvent(new CustomEvent("desk:shown", { bubbles: true }));
  // The same key: this is not done yet, whether it was refused or wants to be confirmed.
  for (const next of main.querySelectorAll("form[data-form]")) {
    if (next.elements.key?.value === form.elements.key?.value) changed.add(next);
  }
  const summary = main.querySelector("[data-summary]");
  (summary ?? main).scrollIntoView({ block: "start" });
  // A button that goes on is at the end of what should be read first; a field is to be seen.
  (summary ?? wanted ?? main).focus({ preventScroll: !summary && wanted?.matches("button, a") });
}

function tell(form, why, kind = "bad", canAgain = true, signIn = "") {
  form.querySelector("[data-unsent]")?.remove();
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  notice.dataset.unsent = "";
  notice.setAttribute("role", kind === "info" ? "status" : "alert");
  const said = document.createElement("p");
  said.className = "notice-title";
  said.dataset.why = "";
  said.textContent = why;
  notice.append(said);
  if (canAgain) {
    const actions = document.createElement("div");
    actions.className = "actions";
    if (signIn) {
      const link = document.createElement("a");
      link.className = "button plain";
      link.href = signIn;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = word("signIn");
      actions.append(link);
    }
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button";
    again.dataset.again = "";
    again.textContent = word("again");
    actions.append(again);
    notice.append(actions);
  }
  const last = form.querySelector(".buttons");
  if (last) last.before(notice);
  else form.append(notice);
}
