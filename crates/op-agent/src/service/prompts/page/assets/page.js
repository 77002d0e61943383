// The prompt. Texts of the agent are shown as texts, never as HTML.
//
// There is no form, so that no key sends one: Enter denies, and in the field of the password it only moves on to the
// button.

"use strict";

const TOKEN = "token";
const element = (id) => document.getElementById(id);

let token;
/** Until when Allow does nothing, because nobody can have read what it would allow. */
let deadUntil = 0;
let isBusy = false;
let isOver = false;

async function send(path, content) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function begin() {
  const secret = location.hash.slice(1);
  // Neither the history of the browser nor a second visit has it.
  history.replaceState(null, "", location.pathname);
  try {
    if (secret) {
      ({ token } = await send("/open", { secret }));
      sessionStorage.setItem(TOKEN, token);
    } else {
      token = sessionStorage.getItem(TOKEN);
    }
    show(await send("/show", { token }));
  } catch {
    return end(
      "This link was used already",
      "It opens the prompt once. If you have not opened it, another program of yours has: deny what it asks, with opwire agent approve in a terminal.",
    );
  }
  watch();
}

function show({ view, deadTimeMs, remainingMs }) {
  document.title = view.title;
  element("title").textContent = view.title;
  const [first, ...rest] = view.scope;
  element("scope").append(create("p", first));
  if (rest.length > 0) {
    const list = create("ul");
    list.append(...rest.map((line) => create("li", line.trim())));
    element("scope").append(list);
  }
  fill(element("known"), view.known);
  fill(element("claimed"), view.claimed);
  view.choices.forEach(addChoice);
  element("duration").textContent = `It holds ${view.duration}.`;
  element("password-label").textContent = view.password ?? "";
  element("proof").hidden = view.password === null;

  element("allow").addEventListener("click", allow);
  element("deny").addEventListener("click", deny);
  document.addEventListener("keydown", onKey);
  element("prompt").hidden = false;
  element("title").focus();
  kill(deadTimeMs);
  count(performance.now() + remainingMs);
}

function create(tag, text = "") {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

function fill(list, lines) {
  for (const [label, value] of lines) {
    const line = create("div");
    const shown = create("dd");
    // Paths may break after their slashes.
    shown.append(
      ...value.split(/(?<=\/)/).flatMap((part) => [part, create("wbr")]),
    );
    line.append(create("dt", label), shown);
    list.append(line);
  }
}

function addChoice(text, index) {
  const label = create("label");
  const radio = create("input");
  Object.assign(radio, {
    type: "radio",
    name: "choice",
    value: index,
    checked: index === 0,
  });
  label.append(radio, create("span", text));
  element("choices").append(label);
}

/** Lets Allow do nothing for a while. */
function kill(milliseconds) {
  deadUntil = performance.now() + milliseconds;
  element("allow").setAttribute("aria-disabled", "true");
  setTimeout(() => {
    if (performance.now() >= deadUntil)
      element("allow").removeAttribute("aria-disabled");
  }, milliseconds + 20);
}

function onKey(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.target instanceof HTMLButtonElement) {
    // A key that is held presses no button.
    if (event.repeat) event.preventDefault();
    return;
  }
  event.preventDefault();
  if (event.repeat) return;
  if (event.target !== element("password")) return deny();
  element("allow").focus();
  kill(300);
}

function deny() {
  answer({ token, allow: null, password: null });
}

function allow() {
  if (performance.now() < deadUntil) return;
  const field = element("password");
  const isAsked = !element("proof").hidden;
  if (isAsked && field.value === "")
    return say("Type the password of the account.");
  const choice = document.querySelector("input[name=choice]:checked");
  answer({
    token,
    allow: Number(choice.value),
    password: isAsked ? field.value : null,
  });
}

async function answer(content) {
  if (isBusy || isOver) return;
  setBusy(true);
  say("");
  const taken = await send("/answer", content).catch(() => ({
    outcome: "over",
  }));
  setBusy(false);
  take(taken);
}

function take({ outcome, reason }) {
  switch (outcome) {
    case "allowed":
      return end("Allowed", "The program may go on. You can close this page.");
    case "denied":
      return end(
        "Denied",
        "The program gets nothing. You can close this page.",
      );
    case "wrongPassword":
      return say("The password is wrong.");
    case "unchecked":
      return say(`The password could not be checked: ${reason}.`);
    case "tooSoon":
      return say("That was too fast to have been read.");
    default:
      return endAlone();
  }
}

function setBusy(busy) {
  isBusy = busy;
  element("allow").classList.toggle("busy", busy);
  element("allow").textContent = busy ? "Checking…" : "Allow";
}

/** Says what is wrong, and lets the person type again. */
function say(problem) {
  element("problem").textContent = problem;
  const field = element("password");
  field.toggleAttribute("aria-invalid", problem !== "");
  if (problem === "" || element("proof").hidden) return;
  field.value = "";
  field.focus();
}

/** Waits until the prompt ends without this page. */
async function watch() {
  await send("/wait", { token }).catch(() => undefined);
  // What this page has sent may have ended it, and says more.
  setTimeout(() => isBusy || endAlone(), 50);
}

function endAlone() {
  end(
    "This prompt has ended",
    "It was answered elsewhere, the program gave up, or nobody answered in time. Nothing was allowed here.",
  );
}

function end(title, text) {
  if (isOver) return;
  isOver = true;
  sessionStorage.removeItem(TOKEN);
  element("password").value = "";
  element("prompt").remove();
  document.removeEventListener("keydown", onKey);
  document.title = title;
  element("message-title").textContent = title;
  element("message-text").textContent = text;
  element("message").hidden = false;
  element("message-title").focus();
}

function count(deadline) {
  if (isOver) return;
  const seconds = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
  element("remaining").textContent =
    `Without an answer it is denied in ${seconds} s.`;
  setTimeout(count, 1000, deadline);
}

begin();
