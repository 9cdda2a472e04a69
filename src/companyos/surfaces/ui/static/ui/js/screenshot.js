// A picture of a screen that the reporter chooses, seen before it is sent: it becomes the form's file, and a canvas shows it.
const input = document.querySelector("#file");
const place = document.querySelector("#shot");
const button = document.querySelector("#take-shot");

async function taken() {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  try {
    const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
    await video.play();
    return await createImageBitmap(video);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}

function show(picture) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The picture that is sent along");
  place.replaceChildren(canvas);
  return canvas;
}

async function preview() {
  const file = input.files[0];
  place.replaceChildren();
  if (file?.type.startsWith("image/")) show(await createImageBitmap(file)).after(leaveOut());
}

function leaveOut() {
  const leave = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Leave it out" });
  leave.addEventListener("click", () => { input.value = ""; place.replaceChildren(); input.focus(); });
  return leave;
}

if (input && place && button) {
  input.addEventListener("change", () => preview().catch(() => place.replaceChildren()));
  if (navigator.mediaDevices?.getDisplayMedia) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      let picture;
      try {
        picture = await taken();
      } catch {
        place.textContent = "No picture was taken. You can choose a file instead.";
        return;
      }
      const blob = await new Promise((done) => show(picture).toBlob(done, "image/png"));
      const files = new DataTransfer();
      files.items.add(new File([blob], "screen.png", { type: "image/png" }));
      input.files = files.files;
      await preview();
    });
  }
}
