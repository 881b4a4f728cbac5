// Comfort at the desk for those who have JavaScript: an upload tells what is wrong with a file before it is sent, how much
// of it has gone, and asks before the page is left meanwhile. Without it the same form is sent as it is.
"use strict";

class Upload {
  constructor(form) {
    this.form = form;
    this.sending = false;
    this.box = form.querySelector("[data-sending]");
    form.addEventListener("htmx:confirm", (event) => this.check(event));
    form.addEventListener("htmx:beforeSend", () => this.show(true));
    form.addEventListener("htmx:xhr:progress", (event) => this.tell(event.detail));
    form.addEventListener("htmx:afterRequest", (event) => this.after(event));
    form.addEventListener("htmx:sendError", () => this.problem(form.dataset.lost));
    form.addEventListener("change", () => this.problem(this.wrong()));
    addEventListener("beforeunload", (event) => { if (this.sending) event.preventDefault(); });
    addEventListener("pageshow", () => this.show(false)); // come back to by the browser's back button
  }

  wrong() {
    const { most, mostFiles, tooLarge, tooMuch, tooMany, empty } = this.form.dataset;
    let whole = 0;
    for (const field of this.form.querySelectorAll("input[type=file]")) {
      if (field.name === "workbook" && field.files.length > Number(mostFiles)) return tooMany;
      for (const file of field.files) {
        whole += file.size;
        if (file.size === 0) return `${empty} \u2068${file.name}\u2069`;
        if (file.size > Number(field.dataset.largest)) return `${tooLarge} \u2068${file.name}\u2069`;
      }
    }
    return whole > Number(most) ? tooMuch : "";
  }

  check(event) {
    const wrong = this.wrong();
    if (!wrong) return;
    event.preventDefault();
    this.problem(wrong);
  }

  problem(text) {
    const place = document.getElementById("problem");
    place.replaceChildren();
    place.className = text ? "notice bad" : "";
    if (!text) return;
    const line = document.createElement("p");
    line.textContent = text;
    place.append(line);
    place.scrollIntoView({ block: "nearest" });
  }

  show(sending) {
    this.sending = sending;
    this.box.hidden = !sending;
    if (sending) this.tell({ loaded: 0, total: 0 });
  }

  tell({ loaded, total }) {
    const share = total ? Math.floor((100 * loaded) / total) : 0;
    this.box.querySelector("progress").value = share;
    this.box.querySelector("[data-sent]").textContent = `${share}%`;
  }

  after(event) {
    const { successful, xhr } = event.detail;
    this.sending = false;
    if (!successful || !xhr.getResponseHeader("HX-Redirect")) this.show(false);
  }
}

document.querySelectorAll("form[data-upload]").forEach((form) => new Upload(form));
