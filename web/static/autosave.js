// Keep a draft on the server while it is typed: `<form data-form data-autosave="/desk/…/save">` with a field `version`.
//
// The form is posted there as it stands, with Accept: application/json, a moment after the last change. An answer
// {"version": 8} is the draft's next version. 409 says that somebody else changed it: then nothing more is saved from
// here, and the text of the answer's `detail` says so. Without a connection it tries again, ever more slowly.
// `desk:saved` is sent when the server has all of it; leaving the page then asks nothing. `desk:conflict` follows a 409.

import { word } from "./words.js";

const PAUSE_MS = 1_200;
const RETRY_MS = [3_000, 10_000, 30_000];

export function saveDrafts(root) {
  const begin = (event) => {
    const form = (event.target.form ?? event.target.closest?.("form"));
    if (form?.matches("form[data-autosave]")) draftOf(form).changed();
  };
  for (const kind of ["input", "change", "grid:change"]) root.addEventListener(kind, begin);
  window.addEventListener("online", () => {
    for (const form of root.querySelectorAll("form[data-autosave]")) form.draft?.retry();
  });
}

function draftOf(form) {
  form.draft ??= new Draft(form);
  return form.draft;
}

class Draft {
  constructor(form) {
    this.form = form;
    this.waiting = 0;
    this.failures = 0;
    this.isOver = false;
    this.isDirty = false;
    this.saving = null;
  }

  changed() {
    this.isDirty = true;
    this.failures = 0;
    this.wait(PAUSE_MS);
  }

  wait(pause) {
    clearTimeout(this.waiting);
    if (!this.isOver) this.waiting = setTimeout(() => this.save(), pause);
  }

  retry() {
    if (this.isDirty && !this.saving) this.save();
  }

  // One at a time: the next one needs the version that this one gives.
  async save() {
    clearTimeout(this.waiting);
    if (this.isOver || !this.isDirty || !this.form.isConnected) return;
    if (this.saving) {
      await this.saving;
      return this.wait(PAUSE_MS);
    }
    this.isDirty = false;
    this.saving = this.send();
    await this.saving;
    this.saving = null;
  }

  // The form itself is about to be sent: what is on its way arrives first, and nothing follows.
  async settle() {
    clearTimeout(this.waiting);
    this.isDirty = false;
    await this.saving;
  }

  async send() {
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams([...new FormData(this.form)].filter(([, value]) => typeof value === "string")),
        headers: { Accept: "application/json" },
      });
      if (answer.redirected || answer.status === 401) return this.failed(word("saveSignedOut"));
      const told = await answer.json();
      if (answer.status === 409) return this.over(told.detail ?? word("saveConflict"));
      if (!answer.ok) return this.failed(told.detail ?? word("saveFailed"));
      this.saved(told.version);
    } catch {
      this.failed(word("saveFailed"));
    }
  }

  saved(version) {
    const field = this.form.elements.version;
    if (field && version !== undefined) field.value = version;
    this.failures = 0;
    const now = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    this.say(word("saved", { time: now.format(new Date()) }), "good");
    if (!this.isDirty) this.form.dispatchEvent(new CustomEvent("desk:saved", { bubbles: true }));
  }

  failed(why) {
    this.isDirty = true;
    this.say(why, "warn");
    this.wait(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
    this.failures += 1;
  }

  over(why) {
    this.isOver = true;
    this.say(why, "bad");
    this.form.dispatchEvent(new CustomEvent("desk:conflict", { bubbles: true }));
  }

  say(text, kind) {
    const place = this.form.querySelector("[data-saved]");
    if (!place || place.textContent === text) return;
    place.textContent = text;
    place.dataset.kind = kind;
  }
}
