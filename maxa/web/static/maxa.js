// Comfort for those who have JavaScript: type-ahead in the search box (ARIA 1.2 combobox with a listbox), buttons that
// copy. Every page can be read and used without it.
"use strict";

const PAUSE = 120; // milliseconds without a key before we ask

class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.only = form.querySelector("input[name=terminology]");
    this.asked = null; // what the list answers
    this.typed = this.input.value;
    this.chosen = -1;
    this.timer = 0;
    this.list = document.createElement("ul");
    this.list.id = `${this.input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.querySelector("label").textContent);
    form.append(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
      "aria-haspopup": "listbox",
    })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => this.open(event.target.closest("[role=option]")));
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  later() {
    this.typed = this.input.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const words = this.typed.trim();
    if (!words) {
      this.close();
      return;
    }
    const query = new URLSearchParams({ q: words });
    if (this.only) query.set("terminology", this.only.value);
    this.asked = words;
    try {
      const reply = await fetch(`${this.form.dataset.suggest}?${query}`, { headers: { "HX-Request": "true" } });
      const markup = reply.ok ? await reply.text() : ""; // without an answer the field works on as a field
      if (this.asked !== words || document.activeElement !== this.input) return; // more was typed since, or it was left
      this.list.innerHTML = markup; // our own server's, in which all that is not ours is escaped
    } catch {
      if (this.asked === words) this.close();
      return;
    }
    this.choose(-1);
    this.show(this.options.length > 0);
  }

  show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  close() {
    clearTimeout(this.timer);
    this.asked = null;
    this.show(false);
    this.choose(-1);
  }

  choose(place) {
    this.chosen = place;
    const options = this.options;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", options[place].id);
    options[place].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const count = this.options.length;
    if (event.isComposing) return;
    if (event.key === "Escape") {
      if (!this.list.hidden) event.preventDefault(); // else the browser empties the field
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.list.hidden) {
      event.preventDefault();
      this.ask();
    } else if (event.key === "ArrowDown" && count) {
      event.preventDefault();
      this.choose(this.chosen + 1 >= count ? -1 : this.chosen + 1);
    } else if (event.key === "ArrowUp" && count) {
      event.preventDefault();
      this.choose(this.chosen < 0 ? count - 1 : this.chosen - 1);
    } else if (event.key === "Enter" && this.chosen >= 0 && !this.list.hidden) {
      event.preventDefault();
      this.open(this.options[this.chosen]);
    }
  }

  open(option) {
    if (option) location.assign(option.dataset.href);
  }
}

function copying(button) {
  if (!navigator.clipboard) return; // only on https and on this machine itself
  button.hidden = false;
  const label = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const from = button.dataset.copyFrom;
    await navigator.clipboard.writeText(from ? document.getElementById(from).textContent : button.dataset.copy);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 1600);
  });
}

function enliven(root) {
  root.querySelectorAll("button[data-copy], button[data-copy-from]").forEach(copying);
  root.querySelectorAll("select[data-submit]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });
}

document.querySelectorAll("form[data-suggest]").forEach((form) => new Suggestions(form));
enliven(document);
document.addEventListener("htmx:afterSwap", (event) => enliven(event.target));
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("search-field");
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && field && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});
