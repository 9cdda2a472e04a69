// Keeps the page current. The stream only says that something changed; the page asks again with the
// person's own session, so permission is checked in one place: the view.
const REGIONS = ["live", "dialogs"];
const SHORTEST_GAP = 200; // ms between two requests: at most five a second
const address = document.body.dataset.live;
const polite = document.getElementById("polite");
const assertive = document.getElementById("assertive");
const connection = document.getElementById("connection");
let asking = false;
let wanted = false;

const verdict = () => {
  const bar = document.querySelector("[data-tone]");
  return { tone: bar?.dataset.tone, says: bar?.querySelector("[data-headline]")?.textContent.trim() };
};

function keyOf(element) {
  if (element?.id) return `#${CSS.escape(element.id)}`;
  const href = element?.getAttribute?.("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

function swap(region, fresh) {
  if (region.querySelector("dialog[open]")) return; // someone is writing a reason; closing asks again
  const focus = region.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const opened = [...region.querySelectorAll("details[open][id]")].map((each) => each.id);
  const scrolled = [...region.querySelectorAll("[data-scrolls][id]")].map((each) => [each.id, each.scrollLeft]);
  const [left, top] = [scrollX, scrollY];
  region.replaceWith(fresh);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, x] of scrolled) document.getElementById(id)?.scrollTo(x, 0);
  scrollTo({ left, top, behavior: "instant" });
  if (focus) fresh.querySelector(focus)?.focus({ preventScroll: true });
}

function tell(before, after) {
  if (after.says === before.says && after.tone === before.tone) return;
  const turnedBad = after.tone === "bad" && before.tone !== "bad";
  (turnedBad ? assertive : polite).textContent = after.says ?? "";
}

async function fetchRegions() {
  const answer = await fetch(location.href, { headers: { "X-Fragment": "live" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`The page answered ${answer.status}.`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = verdict();
  for (const id of REGIONS) {
    const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && next) swap(old, document.adoptNode(next));
  }
  tell(before, verdict());
}

async function ask() {
  wanted = true;
  if (asking) return;
  asking = true;
  while (wanted) {
    wanted = false;
    await fetchRegions().then(() => lost(false), () => lost(true));
    await new Promise((done) => setTimeout(done, SHORTEST_GAP));
  }
  asking = false;
}

function lost(isLost) {
  if (connection.hidden !== isLost) return;
  connection.hidden = !isLost;
}

const every = Number(document.getElementById("live")?.dataset.every); // seconds, for figures that nobody announces
if (every) setInterval(() => document.hidden || ask(), every * 1000);

if (address) {
  const stream = new EventSource(address);
  stream.addEventListener("changed", ask);
  stream.addEventListener("open", () => connection.hidden || ask());
  stream.addEventListener("error", () => lost(true));
  document.addEventListener("close", ask, { capture: true }); // a dialog closed: catch up
}
