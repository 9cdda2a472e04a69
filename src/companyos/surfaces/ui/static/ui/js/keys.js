// One-key shortcuts of a queue: j and k walk its rows, other keys press what names them. They can be switched off.
const box = document.getElementById("keys-on");
const STORED = "keys-off";
box.checked = localStorage.getItem(STORED) === null;
box.addEventListener("change", () => {
  if (box.checked) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "yes");
});

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((each) => each.hasAttribute("aria-current"));
  rows[here + step]?.click();
}

document.addEventListener("keydown", (event) => {
  if (!box.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  if (event.key === "j" || event.key === "k") return walk(event.key === "j" ? 1 : -1);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("button")) target.click();
  else target.focus();
});
