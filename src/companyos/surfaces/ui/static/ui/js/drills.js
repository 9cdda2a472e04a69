// The clock of a drill counts on from what the server said when the page was made; a reload asks it again.
const clock = document.querySelector("[data-ticks]");
const began = performance.now();
const said = Number(clock?.dataset.seconds ?? 0);

const two = (n) => String(n).padStart(2, "0");

function shown(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

if (clock) {
  setInterval(() => {
    clock.textContent = shown(said + (performance.now() - began) / 1000);
  }, 250);
}
