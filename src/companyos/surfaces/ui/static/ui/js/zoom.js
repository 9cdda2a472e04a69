// A closer look at a series: the page's own table, drawn by uPlot in a dialog, zoomed by pointer or keys.
// Without this script, and for whoever cannot see it, the drawn chart and the table beside it say the same.
const OPENED = "[data-zoom]";
const STEPS = { earlier: [-0.5, -0.5], later: [0.5, 0.5], closer: [0.25, -0.25], farther: [-0.5, 0.5] };
const TITLES = { earlier: "Earlier", later: "Later", closer: "Closer", farther: "Farther", whole: "Whole" };
let loading = null;

function library() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.querySelector("[data-uplot]").dataset.uplot;
    script.addEventListener("load", () => done(globalThis.uPlot));
    script.addEventListener("error", () => failed(new Error("The chart's script did not load.")));
    document.head.append(script);
  });
  return loading;
}

function button(text, does) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button", textContent: text });
  made.addEventListener("click", does);
  return made;
}

const colour = (name) => {
  const probe = document.createElement("span");
  probe.className = `zoom__${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

function marksOf(marks, bad, usual) {
  return (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.setLineDash([6, 6]);
    for (const mark of marks) {
      const x = Math.round(chart.valToPos(mark.at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = mark.bad ? bad : usual;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(mark.n, x + 4, bbox.top + 12 * devicePixelRatio);
    }
    ctx.restore();
  };
}

function moments(chart, ticks) {
  const isShort = chart.scales.x.max - chart.scales.x.min < 2 * 86400;
  const form = isShort ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  const write = new Intl.DateTimeFormat("en-GB", { ...form, timeZone: "UTC" });
  return ticks.map((tick) => write.format(tick * 1000));
}

function drawn(uPlot, holder, told, asked) {
  const [ink, line] = [colour("ink"), colour("line")];
  const strokes = ["first", "second", "third"].map(colour);
  const data = [told.rows.map((row) => Date.parse(row[asked.x]) / 1000), ...asked.series.map((each) => told.rows.map((row) => row[each.key]))];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const figure = (value) => (value == null ? "–" : asked.share ? `${Math.round(value * 1000) / 10} %` : value.toLocaleString("en"));
  const said = (_, value) => figure(value);
  const when = (_, value) => (value == null ? "–" : new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC");
  return new uPlot({
    width: holder.clientWidth,
    height: Math.max(220, Math.round(innerHeight * 0.45)),
    series: [{ label: "When", value: when }, ...asked.series.map((each, k) => ({ label: each.title, value: said, stroke: strokes[k], width: 2, spanGaps: true, points: { size: 5 } }))],
    axes: [{ ...axis, values: moments }, { ...axis, size: 64, values: (_, ticks) => ticks.map(figure) }],
    hooks: { draw: [marksOf(asked.marks, colour("bad"), ink)] },
  }, data, holder);
}

function move(chart, name, ends) {
  const { min, max } = chart.scales.x;
  if (name === "whole") return chart.setScale("x", { min: ends[0], max: ends[1] });
  const [left, right] = STEPS[name].map((share) => share * (max - min));
  const [from, to] = [Math.max(ends[0], min + left), Math.min(ends[1], max + right)];
  if (to - from > 60) chart.setScale("x", { min: from, max: to });
}

async function open(place) {
  const asked = JSON.parse(place.dataset.zoom);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog zoom";
  dialog.setAttribute("aria-label", `${asked.title}, a closer look`);
  const [head, says, holder, keys] = ["h2", "p", "div", "div"].map((tag) => document.createElement(tag));
  head.textContent = asked.title;
  says.className = "muted";
  says.textContent = "Drag over a stretch to zoom; a double click shows the whole. The same figures are in the table of the page.";
  keys.className = "zoom__keys";
  holder.setAttribute("aria-hidden", "true");
  dialog.append(head, says, holder, keys);
  place.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  try {
    const [uPlot, answer] = await Promise.all([library(), fetch(asked.href)]);
    if (!answer.ok) throw new Error(`The table answered ${answer.status}.`);
    const chart = drawn(uPlot, holder, await answer.json(), asked);
    const ends = [chart.data[0][0], chart.data[0].at(-1)];
    keys.append(...Object.entries(TITLES).map(([name, title]) => button(title, () => move(chart, name, ends))));
  } catch (problem) {
    says.textContent = `${problem.message} The chart and the table of the page still say it all.`;
  }
  keys.append(button("Close", () => dialog.close()));
}

function offer() {
  for (const place of document.querySelectorAll(`${OPENED}:not(:has(> .button))`)) {
    place.prepend(button("Closer look", () => open(place)));
  }
}

offer();
new MutationObserver(offer).observe(document.getElementById("main"), { childList: true, subtree: true });
