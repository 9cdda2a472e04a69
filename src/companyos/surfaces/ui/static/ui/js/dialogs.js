// Opens dialogs where the browser does not know `command` and `commandfor` yet.
const isKnown = "commandForElement" in HTMLButtonElement.prototype;

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.ariaDisabled === "true") event.preventDefault();
  else if (!isKnown && button?.getAttribute("command") === "show-modal")
    document.getElementById(button.getAttribute("commandfor"))?.showModal();
});
