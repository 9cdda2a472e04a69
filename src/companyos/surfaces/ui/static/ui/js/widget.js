// Report from inside any web product:
//   <script src="https://companyos.example/static/ui/js/widget.js" data-feature="unified-approvals"
//           data-version="2026.41" data-tenant="corporate" defer></script>
// and, where the page knows more, globalThis.companyosContext = () => ({ flags: "a=on, b=off", trace: "4bf9…", back: LINK }).
// A report is not sent from here: what was captured is shown, and the form opens in the reporter's own session, where it
// is shown once more before it is sent. The page holds no key. No inline style or script, so it works under a strict
// content security policy that allows this one script.
// "Switch me back" (data-back) takes the reader to the old path for a day. With `back`, a person's signed link, one tap does
// it where they are (connect-src must allow this origin); without, the tap opens the page in their own session.
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const TITLES = { page: "Page", version: "Version", flags: "Flags as you have them", trace: "Trace", screen: "Screen" };
  const REASONS = { broken: "Something does not work", slower: "It takes me longer", cannot_find: "I cannot find my way", missing: "Something I need is missing" };
  const KINDS = { bug: "Something does not work", feedback: "Something else about it" };
  const LOOK = `
    :host { all: initial; font: 15px/1.45 system-ui, sans-serif; color-scheme: light dark; }
    button, a, input, select { font: inherit; }
    .open { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; }
    .open, .send, .close, .reasons button { min-height: 2.5rem; padding: 0 .9rem; border: 1px solid light-dark(#6b7280, #8b93a3); border-radius: .4rem;
      background: light-dark(#fff, #1b1f27); color: light-dark(#1f2430, #eceef2); cursor: pointer; }
    .send { display: inline-flex; align-items: center; background: light-dark(#1f4fbf, #9dbcff); border-color: transparent; color: light-dark(#fff, #10131a); text-decoration: none; }
    :focus-visible { outline: 2px solid light-dark(#1f4fbf, #9dbcff); outline-offset: 2px; }
    dialog { width: min(26rem, calc(100vw - 2rem)); box-sizing: border-box; padding: 1.25rem; border: 1px solid light-dark(#d5d8de, #3a404c); border-radius: .6rem;
      background: light-dark(#fff, #171a21); color: light-dark(#1f2430, #eceef2); }
    dialog::backdrop { background: rgb(0 0 0 / .45); }
    h2 { margin: 0 0 .75rem; font-size: 1.1rem; }
    label.field { display: grid; gap: .25rem; margin-bottom: .75rem; }
    input[type=text], select { min-height: 2.4rem; padding: 0 .6rem; border: 1px solid light-dark(#6b7280, #8b93a3); border-radius: .35rem; background: transparent; color: inherit; box-sizing: border-box; width: 100%; }
    option { color: initial; }
    ul { list-style: none; margin: 0 0 1rem; padding: 0; }
    li { padding: .4rem 0; border-top: 1px solid light-dark(#e3e5ea, #343a46); overflow-wrap: anywhere; }
    li label { display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; }
    li input { width: 1.2rem; height: 1.2rem; }
    li small { grid-column: 2; color: light-dark(#5b6270, #aab1be); }
    p { margin: 0 0 .5rem; color: light-dark(#5b6270, #aab1be); }
    .reasons { display: grid; gap: .4rem; margin: 0 0 1rem; }
    .reasons button { text-align: start; }
    .row { display: flex; gap: .5rem; justify-content: end; }`;

  function made(tag, properties = {}, ...inside) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  }

  function captured() {
    const own = { page: location.pathname + location.hash.slice(0, 100), version: script.dataset.version, screen: `${innerWidth} by ${innerHeight}` };
    let told = {};
    try {
      told = globalThis.companyosContext?.() ?? {};
    } catch {
      told = {}; // the product's own mistake keeps nobody from reporting
    }
    const all = { ...own, ...told };
    const shown = Object.keys(TITLES).filter((name) => all[name]).map((name) => [name, String(all[name]).slice(0, 500)]);
    return { shown, link: String(told.back ?? "") };
  }

  function address(form, context) {
    const asked = new URL(`/cases/new/${form.kind.value}`, home);
    for (const name of ["feature", "tenant"]) if (script.dataset[name]) asked.searchParams.set(name, script.dataset[name]);
    if (form.title.value.trim()) asked.searchParams.set("title", form.title.value.trim().slice(0, 200));
    for (const [name, value] of context) if (form[name].checked) asked.searchParams.set(name, value);
    return asked.href;
  }

  function pageOfTheWayBack(form, context) {
    const asked = new URL("/way-back", home);
    asked.searchParams.set("feature", script.dataset.feature);
    for (const [name, value] of context) if (form[name].checked) asked.searchParams.set(name, value);
    return asked.href;
  }

  async function goBack(link, reason, form, context, said) {
    const body = new URLSearchParams({ reason, words: form.title.value.trim() });
    for (const [name, value] of context) if (form[name].checked) body.set(`context-${name}`, value);
    try {
      const answer = await fetch(link, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "omit" });
      const told = await answer.json();
      said.textContent = answer.ok ? `You are on the old path until ${new Date(told.until).toLocaleString()}. What you have begun goes on where it began.` : told.error;
      if (answer.ok) document.dispatchEvent(new CustomEvent("companyos:back", { detail: told }));
    } catch {
      said.textContent = "That did not get through, and nothing has changed. Try again in a moment.";
    }
  }

  function wayBack(link, form, context) {
    const said = made("p", { role: "status" });
    const choices = Object.entries(REASONS).map(([reason, textContent]) => {
      const button = made("button", { type: "button", textContent });
      button.addEventListener("click", () => goBack(link, reason, form, context, said));
      return button;
    });
    return [made("h2", { textContent: "Or switch me back for a day, because" }), made("div", { className: "reasons" }, ...choices), said];
  }

  function field(text, control) {
    return made("label", { className: "field" }, text, control);
  }

  function show(root, opener) {
    const { shown: context, link } = captured();
    const form = { kind: made("select"), title: made("input", { type: "text", maxLength: 200 }) };
    for (const [value, text] of Object.entries(KINDS)) form.kind.append(made("option", { value, textContent: text }));
    const list = made("ul");
    for (const [name, value] of context) {
      form[name] = made("input", { type: "checkbox", checked: true });
      list.append(made("li", {}, made("label", {}, form[name], TITLES[name], made("small", { textContent: value }))));
    }
    const send = made("a", { className: "send", target: "_blank", rel: "noopener", textContent: "Go on to the form" });
    const close = made("button", { className: "close", type: "button", textContent: "Close" });
    const back = made("a", { className: "send", target: "_blank", rel: "noopener", textContent: "Switch me back for a day" });
    const canGoBack = "back" in script.dataset && script.dataset.feature;
    const here = canGoBack && link.startsWith(`${home}/way-back/link/`);
    const heading = made("h2", { id: "h", textContent: "Report something" });
    const dialog = made("dialog", {}, heading, field("What is it about?", form.kind), field("In one line", form.title),
      made("p", { textContent: "Captured for you. Untick what should not go along; nothing is sent before you send the form." }), list,
      made("div", { className: "row" }, close, ...(canGoBack && !here ? [back] : []), send), ...(here ? wayBack(link, form, context) : []));
    dialog.setAttribute("aria-labelledby", "h");
    const follow = () => {
      send.href = address(form, context);
      if (canGoBack) back.href = pageOfTheWayBack(form, context);
    };
    dialog.addEventListener("input", follow);
    follow();
    send.addEventListener("click", () => dialog.close());
    back.addEventListener("click", () => dialog.close());
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); opener.focus(); });
    root.append(dialog);
    dialog.showModal();
  }

  function start() {
    const host = made("companyos-widget");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    root.adoptedStyleSheets = [sheet];
    const opener = made("button", { className: "open", type: "button", textContent: script.dataset.label || "Report something" });
    opener.addEventListener("click", () => show(root, opener));
    root.append(opener);
    document.body.append(host);
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
