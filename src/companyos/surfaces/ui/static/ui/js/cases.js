// The inbox by keyboard: j and k go down and up, o or Enter opens, / searches, n reports. All can be switched off.
const STORED = "cases-keys";
const choice = document.getElementById("keys-on");

function isOn() {
  return localStorage.getItem(STORED) !== "off";
}

function links() {
  return [...document.querySelectorAll("[data-case]")];
}

function go(step) {
  const all = links();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  o: () => document.activeElement?.matches("[data-case]") && document.activeElement.click(),
  n: () => document.querySelector("[data-new]")?.click(),
  "/": () => document.getElementById("words")?.focus(),
};

document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (!isOn() || writes || event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

if (choice) {
  choice.checked = isOn();
  choice.addEventListener("change", () => localStorage.setItem(STORED, choice.checked ? "on" : "off"));
}
