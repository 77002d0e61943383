// What comes before the item: the e-mail address, its code, and the button that opens the item.

import { Refused, type Status, sendCode, verify } from "./api.js";
import { serverNow } from "./clock.js";
import { type Child, announce, button, element, foreign, icon } from "./dom.js";
import { showFailure } from "./endings.js";
import { WrongInput, form } from "./form.js";
import { formatDuration, formatTime, plural } from "./format.js";
import { ICONS, badge, heading, paragraph, show } from "./frame.js";
import { CODES, CODE_LENGTH, CODE_MINUTES, CODE_TRIES, OPEN_MINUTES } from "./generated.js";
import type { Visit } from "./visit.js";

/** Asks for the recipient's address. `restart` begins with the share's status again. */
export function showEmailStep(visit: Visit, status: Status, restart: () => void, email = ""): void {
  const input = {
    label: "Your e-mail address",
    problem: "Enter your e-mail address, such as name@example.com.",
    attributes: { type: "email", name: "email", autocomplete: "email", value: email },
  };
  const submit = async (email: string) => {
    try {
      await sendCode(visit.share, email);
    } catch (error) {
      if (error instanceof Refused && error.status === 400) throw new WrongInput(input.problem);
      throw error;
    }
    showCodeStep(visit, status, email, restart);
  };
  showStep(
    "mail",
    "Confirm your address",
    paragraph(
      foreign(status.sender),
      " shared an item with certain people only. If you are one of them, you get a code by e-mail.",
    ),
    form(input, "Send code", submit, (error) => showFailure(error, status, restart)),
  );
}

/** Asks for the code that was sent. */
function showCodeStep(visit: Visit, status: Status, email: string, restart: () => void): void {
  const failed = (error: unknown) => showFailure(error, status, restart);
  let triesLeft = CODE_TRIES;
  const input = {
    label: "Code",
    hint: `${CODE_LENGTH} digits, valid for ${CODE_MINUTES} minutes`,
    problem: `Enter the ${CODE_LENGTH} digits from the e-mail.`,
    attributes: {
      class: "code",
      type: "text",
      name: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      // Codes are pasted with blanks around and within.
      pattern: `\\s*(\\d\\s*){${CODE_LENGTH}}`,
    },
  };
  const submit = async (value: string) => {
    try {
      await verify(visit.share, email, value.replace(/\s/g, ""));
    } catch (error) {
      throw wrongCode(error, --triesLeft) ?? error;
    }
    restart();
  };
  const sent = element("p", { class: "hint" });
  const resend = () => {
    sendCode(visit.share, email).then(() => {
      triesLeft = CODE_TRIES;
      sent.textContent = "A new code is on its way. Only the newest one is valid.";
      announce(sent.textContent);
    }, failed);
  };
  showStep(
    "mail",
    "Enter the code",
    paragraph("If the item is shared with ", foreign(email), ", a code is on its way there."),
    form(input, "Continue", submit, failed),
    sent,
    element(
      "p",
      { class: "choices" },
      button("Send a new code", { class: "quiet" }, resend),
      button("Use another address", { class: "quiet" }, () => {
        showEmailStep(visit, status, restart, email);
      }),
    ),
  );
}

/**
 * Says what is shared, and asks for the password if there is one. Only the button counts a view. `open` opens the item
 * with the password, and says what takes so long.
 */
export function showReady(
  status: Status,
  open: (password: string, busy: (text: string) => void) => Promise<void>,
  restart: () => void,
): void {
  const seconds = (Date.parse(status.expiresAt) - serverNow()) / 1000;
  const input = {
    label: "Password",
    hint: "The sender told you the password in another way.",
    problem: "Enter the password.",
    attributes: { type: "password", name: "share-password", autocomplete: "off" },
  };
  const isLast = status.viewsLeft === 1 && !status.isOpen;
  showStep(
    "lock",
    [foreign(status.sender), " shared an item with you"],
    element(
      "dl",
      { class: "facts" },
      fact("Account", foreign(status.account)),
      fact(
        "Open until",
        formatTime(Date.parse(status.expiresAt)),
        element("div", { class: "hint" }, `${formatDuration(seconds)} left`),
      ),
      fact("Can be opened", viewsText(status)),
      status.files > 0 && fact("Files", String(status.files)),
    ),
    isLast &&
      element(
        "div",
        { class: "warning" },
        icon(ICONS.warning),
        element(
          "p",
          {},
          element("strong", {}, "You can open it only once. "),
          `Open it when you are ready to save what is in it. This tab can then show it again for ${OPEN_MINUTES} minutes.`,
        ),
      ),
    form(status.needsPassword ? input : undefined, "Show item", open, (error) => {
      showFailure(error, status, restart);
    }),
  );
}

/** Converts the refusal of a password. */
export function wrongPassword(error: unknown): WrongInput | undefined {
  const isIt = error instanceof Refused && error.code === CODES.wrongPassword;
  return isIt ? new WrongInput("This is not the password. Mind upper and lower case.") : undefined;
}

function wrongCode(error: unknown, triesLeft: number): WrongInput | undefined {
  if (!(error instanceof Refused)) return undefined;
  if (error.code === CODES.codeExpired) {
    return new WrongInput("The code is too old, or was tried too often. Send a new code.");
  }
  if (error.code !== CODES.wrongCode) return undefined;
  const left =
    triesLeft > 0 ? ` You have ${plural(triesLeft, "more try").replace("trys", "tries")}.` : "";
  return new WrongInput(`This is not the code that was sent last.${left}`);
}

function viewsText({ isOpen, viewsLeft }: Status): string {
  if (isOpen) return "Again in this tab, without being counted";
  if (viewsLeft === undefined) return "As often as you like";
  return viewsLeft === 1 ? "Once" : `${viewsLeft} times`;
}

function fact(name: string, ...value: Child[]): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}

function showStep(
  picture: keyof typeof ICONS,
  title: string | Child[],
  ...children: Child[]
): void {
  const [name, content] = typeof title === "string" ? [title, [title]] : ["Shared item", title];
  show(
    name,
    element("div", { class: "card step" }, badge(picture), heading(...content), ...children),
  );
}
