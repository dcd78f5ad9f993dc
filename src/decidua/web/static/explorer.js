// The explorer works without this file. It saves a reloading here and there, and forgets what was typed on leaving.
"use strict";

// A slider beside each number box: the box holds the value, the slider follows it and leads it.
for (const slider of document.querySelectorAll("input[type=range][data-pair]")) {
  const box = document.getElementById(slider.dataset.pair);
  slider.hidden = false;
  slider.addEventListener("input", () => { box.value = slider.value; });
  slider.addEventListener("change", (event) => {
    event.stopPropagation(); // the form listens to the box alone, so that it asks once
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
  box.addEventListener("input", () => { slider.value = box.value; });
}

// A page of the server, for what it holds.
const LATER_MS = 10000;
const NO_ANSWER = "The explorer does not answer at the moment. It is asked again in a few seconds.";
async function pageAt(address) {
  const answer = await fetch(address, { referrerPolicy: "no-referrer" });
  return { answer, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
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
  form.addEventListener("change", (event) => {
    if (!form.reportValidity()) return;
    carryAlong(event.target);
    ask(++asked);
  });
  const ask = async (turn) => {
    if (turn !== asked) return;
    const address = `${form.action.split("#")[0]}?${new URLSearchParams(new FormData(form))}`;
    try {
      const { answer, page } = await pageAt(address);
      if (turn === asked) show(answer, page);
    } catch {
      if (turn === asked) refused.textContent = NO_ANSWER;
      setTimeout(ask, LATER_MS, turn);
    }
  };
  const show = (answer, page) => {
    refused.textContent = answer.ok ? "" : page.querySelector("[role=alert]")?.textContent ?? answer.statusText;
    const fresh = page.getElementById(form.dataset.live);
    if (!answer.ok || !fresh) return;
    const folds = fresh.querySelectorAll("details");
    part.querySelectorAll("details").forEach((fold, at) => { if (folds[at]) folds[at].open = fold.open; });
    part.replaceChildren(...fresh.childNodes);
    announced.textContent = [...part.querySelectorAll("figcaption")].map(firstSentence).join(" ");
  };
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

// A run in progress: look again every two seconds, and go to its result once it is there. Until then only the words and
// the bar change: what has the focus keeps it, and a screen reader hears new words alone.
const POLL_MS = 2000;
const look = async (part) => {
  try {
    const { answer, page } = await pageAt(location.href);
    if (answer.redirected) { location.replace(answer.url); return; }
    const fresh = page.getElementById(part.id);
    if (!fresh?.hasAttribute("data-poll")) { location.reload(); return; }
    const bar = part.querySelector("progress");
    if (bar) bar.value = fresh.querySelector("progress").value;
    say(part, fresh.querySelector("[role=status]").textContent);
    setTimeout(look, POLL_MS, part);
  } catch {
    say(part, NO_ANSWER);
    setTimeout(look, LATER_MS, part);
  }
};
function say(part, words) {
  const said = part.querySelector("[role=status]");
  if (said.textContent !== words) said.textContent = words;
}
document.querySelectorAll("[data-poll]").forEach((part) => setTimeout(look, POLL_MS, part));

function sendForm(action, fields) {
  const form = Object.assign(document.createElement("form"), { method: "post", action });
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

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
    sendForm(form.action, [...new URLSearchParams(kept), ["do", "edit"]]);
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

// A shared link: the part after # is opened by sending it as a form, and is taken out of the address. On a page of a
// history that is open already, the browser changes that part alone and loads nothing.
const HISTORY = "/history";
function openShared() {
  const link = location.hash.slice(1);
  if (!link.startsWith("h1.") || !document.querySelector(`form[action^="${HISTORY}"]`)) return;
  history.replaceState(null, "", location.pathname);
  sendForm(HISTORY, [["do", "open"], ["link", link]]);
}
openShared();
addEventListener("hashchange", openShared);

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
