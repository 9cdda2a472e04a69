// Buttons that copy a text. Without a script, or where copying is not allowed, the text can be selected.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    document.getElementById("polite").textContent = "Copied.";
    button.textContent = "Copied";
  });
}
