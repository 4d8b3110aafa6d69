// Passkeys: a form asks the server for a challenge, the browser has it signed, and the form carries the answer.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const forms = document.querySelectorAll("form[data-passkey]");
  // In English they are here; in another language the page brings them (webapp/pages/script_words.py).
  const brought = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");
  const say = (text) => brought[text]?.[0] ?? text;
  const WORDS = {
    NotAllowedError: say("No passkey was used: it was cancelled, took too long, or this device has none for Berth."),
    InvalidStateError: say("This device has a passkey for your account already."),
    SecurityError: say("Passkeys do not work at this address. Open Berth under its host name, over HTTPS."),
  };

  // --- what JSON carries as base64url -----------------------------------------------------------
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const read = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function make(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials: read(options.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = made.response;
    return answer(made, { clientDataJSON, attestationObject });
  }
  async function use(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: read(options.allowCredentials) };
    const used = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
    return answer(used, { clientDataJSON, authenticatorData, signature, ...(userHandle && { userHandle }) });
  }
  function answer(credential, parts) {
    const response = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, text(part)]));
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
  }

  // --- the forms --------------------------------------------------------------------------------
  async function optionsOf(form) {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": form.elements.csrf_token.value };
    const response = await fetch(form.dataset.options, { method: "POST", headers });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    if (!response.ok) throw new Error(`refused with ${response.status}`);
    return response.json();
  }
  async function send(form) {
    const words = form.querySelector("[data-passkey-words]");
    const button = form.querySelector("button");
    words.textContent = "";
    button.disabled = true; // until the next page, or until it failed
    try {
      const options = await optionsOf(form);
      form.elements.answer.value = await (form.dataset.passkey === "make" ? make(options) : use(options));
      form.submit();
    } catch (error) {
      words.textContent = WORDS[error.name] ?? say("The passkey did not work. Load the page again, and try it again.");
      button.disabled = false;
    }
  }
  addEventListener("pageshow", () => forms.forEach((form) => { form.querySelector("button").disabled = false; }));
  forms.forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  });
  document.querySelectorAll("[data-without-passkeys]").forEach((elt) => { elt.hidden = true; });
})();
