// The explorer works without this file. It saves a reloading here and there, and forgets what was typed on leaving.
"use strict";

// A slider beside each number box: the box holds the value, the slider follows it and leads it.
for (const slider of document.querySelectorAll("input[type=range][data-pair]")) {
  const box = document.getElementById(slider.dataset.pair);
  slider.hidden = false;
  slider.addEventListener("input", () => { box.value = slider.value; });
  slider.addEventListener("change", () => box.dispatchEvent(new Event("change", { bubbles: true })));
  box.addEventListener("input", () => { slider.value = box.value; });
}

// A form marked data-live shows its answer at once in the part it names, by asking the server for the same page.
for (const form of document.querySelectorAll("form[data-live]")) {
  const part = document.getElementById(form.dataset.live);
  let asked = 0;
  const refused = form.appendChild(document.createElement("p"));
  const announced = form.appendChild(document.createElement("p"));
  refused.setAttribute("role", "status");
  announced.setAttribute("role", "status");
  announced.className = "unseen";
  form.addEventListener("change", async (event) => {
    if (!form.reportValidity()) return;
    carryAlong(event.target);
    const turn = ++asked;
    const address = `${form.action.split("#")[0]}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address, { referrerPolicy: "no-referrer" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return;
    refused.textContent = answer.ok ? "" : page.querySelector("[role=alert]")?.textContent ?? answer.statusText;
    const fresh = page.getElementById(form.dataset.live);
    if (!answer.ok || !fresh) return;
    const folds = fresh.querySelectorAll("details");
    part.querySelectorAll("details").forEach((fold, at) => { if (folds[at]) folds[at].open = fold.open; });
    part.replaceChildren(...fresh.childNodes);
    announced.textContent = [...part.querySelectorAll("figcaption")].map(firstSentence).join(" ");
  });
}
function firstSentence(caption) {
  return caption.textContent.trim().split(/(?<=[.?!]) /)[0];
}
// The other forms of the page send this value along, so that the button of one does not undo another.
function carryAlong(box) {
  const carried = document.querySelectorAll(`form[data-live] input[type=hidden][name="${box.name}"]`);
  if (box.name) carried.forEach((other) => { other.value = box.value; });
}

// Leaving forgets, and the page cannot be reached with the back button.
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    sessionStorage.clear();
    location.replace(link.href);
  });
}

// A run in progress: look again every two seconds, and go to its result once it is there.
const POLL_MS = 2000;
function poll(part) {
  setTimeout(async () => {
    const answer = await fetch(location.href, { referrerPolicy: "no-referrer" });
    if (answer.redirected) { location.replace(answer.url); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (!fresh) { location.reload(); return; }
    part.replaceChildren(...fresh.childNodes);
    if (fresh.hasAttribute("data-poll")) poll(part);
  }, POLL_MS);
}
document.querySelectorAll("[data-poll]").forEach(poll);

// The form of a history: kept in this window alone, and only for those who ask for it.
const KEPT = "history-form";
const form = document.querySelector("form[data-keep]");
if (form) {
  document.querySelectorAll(".js").forEach((part) => { part.hidden = part.hasAttribute("data-kept"); });
  const kept = sessionStorage.getItem(KEPT);
  const keep = form.querySelector("[data-keep-switch]");
  keep.checked = kept !== null;
  form.querySelector("[data-kept]").hidden = !kept || location.hash !== "" || new FormData(form).has("undo");
  const save = () => {
    if (keep.checked) sessionStorage.setItem(KEPT, new URLSearchParams(new FormData(form)).toString());
    else sessionStorage.removeItem(KEPT);
  };
  form.addEventListener("change", save);
  if (keep.checked && form.querySelector("fieldset.one")) save();
  form.querySelector("[data-restore]").addEventListener("click", () => {
    const again = document.createElement("form");
    again.method = "post";
    again.action = form.action;
    for (const [name, value] of [...new URLSearchParams(kept), ["do", "edit"]]) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      again.append(field);
    }
    document.body.append(again);
    again.submit();
  });
  const error = document.getElementById("error");
  if (error) error.focus();
}
for (const link of document.querySelectorAll("[data-forget]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    sessionStorage.clear();
    location.replace(link.href);
  });
}

// A shared link: the part after # is opened by sending it as a form, and is taken out of the address.
const opener = document.querySelector("form[data-open-fragment]");
if (opener && location.hash.startsWith("#h1.")) {
  opener.elements.link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  opener.submit();
}

// Copy a text.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      button.parentElement.querySelector("[data-copied]").textContent = "Copied.";
    } catch {
      button.parentElement.querySelector("[data-copied]").textContent = "The text is marked: copy it with your keyboard.";
    }
  });
}

// The picture of the lining stands still until its button is pressed; it can also be moved on one picture at a time.
document.documentElement.classList.add("scripted");
const PICTURE_MS = 600;
let playing = 0;
function showNext(picture) {
  const cells = picture.querySelectorAll("[data-path]");
  if (!cells.length) return;
  const count = cells[0].dataset.path.split(" ").length;
  const at = (Number(picture.dataset.at || 0) + 1) % count;
  picture.dataset.at = at;
  for (const cell of cells) {
    const place = cell.dataset.path.split(" ")[at];
    const [x, y] = place.replace("t", "").split(",");
    cell.setAttribute("cx", x);
    cell.setAttribute("cy", y);
    if (cell.getAttribute("stroke") === "var(--ink)") cell.setAttribute("stroke-width", place.endsWith("t") ? 2.4 : 0);
  }
}
function stopPicture() {
  clearInterval(playing);
  playing = 0;
  for (const button of document.querySelectorAll("[data-picture=play]")) button.textContent = "Play the picture";
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-picture]");
  if (!button) return;
  const wasPlaying = playing;
  stopPicture();
  const picture = button.closest(".moving");
  if (button.dataset.picture === "next") { showNext(picture); return; }
  if (wasPlaying) return;
  button.textContent = "Stop";
  playing = setInterval(() => { if (picture.isConnected) showNext(picture); else stopPicture(); }, PICTURE_MS);
});
