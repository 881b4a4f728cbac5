// Keys of a map's work list. Each presses what stands on the page: links, boxes and buttons that work without it too.
// Keys are told by their place on the keyboard, so that they are the same on a Persian layout.
"use strict";

const OFF = "maxa-map-keys-off"; // remembered in this browser alone
const ROWS = { KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1 };
const ARROWS = ["ArrowDown", "ArrowUp"];

const form = document.getElementById("choose");
const on = document.getElementById("keys-on");
const help = document.getElementById("keys");

function remembered() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // a browser may keep nothing
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    return;
  }
}

function toRow(step) {
  const rows = [...document.querySelectorAll("nav.rows ol a")];
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[at + step];
  if (next) next.click();
  else if (step > 0) document.querySelector("nav.rows a[rel=next]")?.click();
}

function press(key) {
  const field = form?.querySelector(`[data-key="${key}"]`);
  if (!field) return;
  field.checked = field.type === "radio" || !field.checked;
  field.focus();
  if (key === "0") form.querySelectorAll("[name=target]:checked").forEach((box) => { box.checked = false; });
}

function typesIn(field) {
  return Boolean(field.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])"));
}

function save(event) {
  if (!form || !form.querySelector("button") || event.target.closest("a, button, summary")) return;
  event.preventDefault();
  form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !(event.code in ROWS)) return;
  if (typesIn(event.target)) {
    const looks = event.target.id === "q" && event.key === "Enter"; // what was typed is looked for already
    if (looks || event.key === "Escape") {
      event.preventDefault(); // a search field would be emptied by Escape
      event.target.blur();
    }
    return;
  }
  if (event.key === "?" || event.key === "؟") {
    event.preventDefault();
    help.open = !help.open;
    help.querySelector("summary").focus();
    return;
  }
  if (!on.checked || event.shiftKey) return;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  if (event.code in ROWS) {
    if (ARROWS.includes(event.code) && event.target.closest("input")) return; // they move among choices there
    event.preventDefault();
    toRow(ROWS[event.code]);
  } else if (event.key === "Enter") save(event);
  else if (digit) press(digit[1]);
  else if (letter && "ebnrx".includes(letter)) press(letter);
  else if (letter === "s") document.getElementById("skip")?.click();
  else if (letter === "u") document.getElementById("undo")?.requestSubmit();
  else if (letter === "f") {
    event.preventDefault();
    document.getElementById("q")?.focus();
  }
});

let sent = false; // what is on its way is not sent a second time
form?.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => { sent = false; });

on.checked = !remembered();
on.addEventListener("change", () => remember(!on.checked));
const current = document.querySelector("nav.rows a[aria-current]");
if (current && current.closest("nav").scrollHeight > current.closest("nav").clientHeight) {
  const list = current.closest("nav"); // the list has its own bar: the page itself stays where it is
  list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 3;
}
