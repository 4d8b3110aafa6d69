// The summary beside the order form follows what is chosen and typed in it.
(() => {
  "use strict";
  const form = document.getElementById("order-form");
  if (!form) return;
  function chosen(elt) {
    const { shows, part } = elt.dataset;
    const radio = form.querySelector(`[name="${shows}"]:checked`);
    return radio ? radio.dataset[part ?? "name"] : form.querySelector(`input[name="${shows}"]:not([type=radio])`)?.value;
  }
  function show() {
    document.querySelectorAll("#order-summary [data-shows]").forEach((elt) => {
      elt.dataset.without ??= elt.textContent;
      elt.textContent = (elt.dataset.part ? chosen(elt) : chosen(elt) || null) ?? elt.dataset.without;
    });
  }
  document.addEventListener("input", show);
  document.addEventListener("change", show);
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
