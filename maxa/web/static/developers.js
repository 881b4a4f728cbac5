// The developer page: examples that are run where they stand, and Swagger UI over our own document.
"use strict";

async function run(button) {
  const answer = button.closest(".example").querySelector(".answer");
  const headers = { Accept: "application/json" };
  const token = document.getElementById("token-field")?.value.trim();
  const pid = document.getElementById("pid-field")?.value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (pid) headers.pid = pid;
  button.disabled = true;
  const began = performance.now();
  try {
    const reply = await fetch(button.dataset.run, { headers });
    const text = await reply.text();
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch { /* no JSON: shown as it is */ }
    answer.textContent = `HTTP ${reply.status} · ${Math.round(performance.now() - began)} ms\n${shown}`;
  } catch (error) {
    answer.textContent = String(error);
  }
  answer.hidden = false;
  button.disabled = false;
}

document.querySelectorAll("button[data-run]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => run(button));
});
document.querySelectorAll("[data-credentials]").forEach((fields) => { fields.hidden = false; });

const place = document.getElementById("swagger-ui");
if (place && window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    validatorUrl: null,
    deepLinking: true,
    defaultModelsExpandDepth: -1,
    docExpansion: "list",
    tryItOutEnabled: true,
  });
}
