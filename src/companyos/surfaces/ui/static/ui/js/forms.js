// Forms that grow: a button that adds a group counts up, so that each group has a number of its own.
document.addEventListener("htmx:afterRequest", (event) => {
  const button = event.target.closest?.("[data-counts]");
  if (!button || !event.detail.successful) return;
  const { n } = JSON.parse(button.getAttribute("hx-vals"));
  button.setAttribute("hx-vals", JSON.stringify({ n: String(Number(n) + 1) }));
});
