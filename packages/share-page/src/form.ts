// Forms of one input.

import { announce, element } from "./dom.js";

export interface Input {
  readonly label: string;
  readonly attributes: Record<string, string | boolean>;
  readonly hint?: string;
  /** What to do if the browser does not take what was entered. */
  readonly problem: string;
}

/** What a person entered is wrong. The message says what to do. */
export class WrongInput extends Error {}

/**
 * A form. `submit` gets what was entered, and a function that says what takes so long. A `WrongInput` is shown at the
 * input; `failed` shows all other errors.
 */
export function form(
  input: Input | undefined,
  label: string,
  submit: (value: string, busy: (text: string) => void) => Promise<void>,
  failed: (error: unknown) => void,
): HTMLFormElement {
  const field = input && element("input", { id: "input", required: true, ...input.attributes });
  const problem = element("p", { class: "problem", id: "problem" });
  const send = element("button", { type: "submit", class: "primary" }, label);
  const made = element(
    "form",
    { novalidate: true },
    input && element("label", { for: "input" }, input.label),
    input?.hint !== undefined && element("p", { class: "hint", id: "hint" }, input.hint),
    field,
    problem,
    send,
  );
  const described = [input?.hint !== undefined && "hint", "problem"].filter(Boolean).join(" ");
  field?.setAttribute("aria-describedby", described);

  const refuse = (text: string) => {
    problem.textContent = text;
    announce(text);
    field?.setAttribute("aria-invalid", "true");
    field?.focus();
    field?.select();
  };
  const busy = (text: string) => {
    send.textContent = text;
    announce(text);
  };
  let isBusy = false;
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (field && !field.checkValidity()) return refuse(input?.problem ?? "");
    isBusy = true;
    problem.textContent = "";
    field?.removeAttribute("aria-invalid");
    send.setAttribute("aria-disabled", "true");
    send.classList.add("busy");
    submit(field?.value ?? "", busy)
      .catch((error: unknown) => {
        if (error instanceof WrongInput) refuse(error.message);
        else failed(error);
      })
      .finally(() => {
        isBusy = false;
        send.textContent = label;
        send.removeAttribute("aria-disabled");
        send.classList.remove("busy");
      });
  });
  return made;
}
