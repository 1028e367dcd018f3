/* A stand-in for Plaid's window: the same Plaid.create and events, a small dialog of its own. */
(function () {
  "use strict";

  const origin = new URL(document.currentScript.src).origin;

  const CSS = `
    dialog { border: 0; border-radius: 12px; box-shadow: 0 8px 40px #0006; box-sizing: border-box;
      color: #1a1a1a; font: 16px/1.45 system-ui, sans-serif; max-width: 24rem; padding: 1.25rem;
      width: calc(100vw - 2rem); }
    dialog::backdrop { background: #0008; }
    h2 { font-size: 1.2rem; margin: 0 2.5rem .5rem 0; }
    p { margin: .5rem 0; }
    .note { color: #595959; font-size: .85rem; }
    .wrong { color: #a4161a; font-weight: 600; }
    label { display: block; margin: .75rem 0; }
    input[type=text], input[type=password] { border: 1px solid #767676; border-radius: 6px;
      box-sizing: border-box; display: block; font: inherit; margin-top: .25rem; padding: .6rem;
      width: 100%; }
    .choice { align-items: center; display: flex; gap: .6rem; min-height: 44px; margin: 0; }
    .choice input { height: 20px; width: 20px; }
    button { background: #111; border: 2px solid #111; border-radius: 8px; color: #fff;
      cursor: pointer; font: inherit; margin-top: .6rem; min-height: 44px; padding: .5rem 1rem;
      width: 100%; }
    button.bank { background: #fff; border-color: #8a8a8a; color: #111; text-align: left; }
    button.close { background: none; border: 0; color: #111; font-size: 1.4rem; margin: 0;
      position: absolute; right: .75rem; top: .75rem; width: 44px; }
    button:focus-visible, input:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
    button:disabled { cursor: default; opacity: .6; }`;

  async function ask(action, body) {
    const answer = await fetch(`${origin}/plaid-ui/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
    });
    const found = await answer.json();
    if (!answer.ok) throw found;
    return found;
  }

  /* A view, and the status of whoever leaves from it. */
  const AT = {
    CREDENTIAL: "requires_credentials",
    SELECT_ACCOUNT: "requires_account_selection",
    OAUTH: "requires_oauth",
    VERIFY_PHONE: "requires_code",
  };

  function requestId() {
    return crypto.randomUUID().replaceAll("-", "").slice(0, 15);
  }

  /* A failed fetch or an answer that is not JSON, in the shape of an error of Plaid's. */
  function asError(problem) {
    if (problem && problem.error_code) return problem;
    return {
      error_type: "API_ERROR",
      error_code: "INTERNAL_SERVER_ERROR",
      error_message: String(problem),
      display_message: "Something went wrong. Please try again.",
    };
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  class Session {
    constructor(options) {
      this.options = options;
      this.ready = ask("session", {
        token: options.token, received_redirect_uri: options.receivedRedirectUri || null,
      });
      this.ready.then(
        (session) => {
          this.session = session;
          if (this.options.onLoad) this.options.onLoad();
        },
        (problem) => this.tell("ERROR", asError(problem)),
      );
    }

    tell(event, more) {
      const session = this.session || {};
      const metadata = {
        link_session_id: session.link_session_id || null,
        request_id: requestId(),
        timestamp: new Date().toISOString(),
        ...more,
      };
      if (this.options.onEvent) this.options.onEvent(event, metadata);
    }

    call(action, body) {
      return ask(action, { token: this.options.token, ...body });
    }

    async submit(given) {
      try {
        await this.ready;
        const answer = await this.call("submit", given);
        this.tell(answer.event);
      } catch (problem) {
        this.tell("ERROR", asError(problem));
      }
    }

    async open() {
      if (this.host) return;
      let session;
      try {
        session = await this.ready;
      } catch (problem) {
        this.leave(asError(problem));
        return;
      }
      this.show();
      this.tell("OPEN");
      if (session.accounts) { // back from the bank's own site
        this.goOn(session.accounts).catch((problem) => this.leave(asError(problem)));
      } else if (session.kind === "layer") this.askForCode();
      else if (session.kind === "update") this.askToSignIn(session.institutions[0]);
      else this.askForInstitution();
    }

    show() {
      this.host = element("div");
      const root = this.host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
      this.dialog = element("dialog");
      this.dialog.setAttribute("aria-labelledby", "title");
      this.dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        this.exit();
      });
      root.append(this.dialog);
      document.body.append(this.host);
      this.dialog.showModal();
    }

    view(name, title, ...children) {
      const close = element("button", { type: "button", className: "close", textContent: "×" });
      close.setAttribute("aria-label", "Close");
      close.addEventListener("click", () => this.exit());
      const form = element("form", { method: "dialog" });
      this.wrong = element("p", { className: "wrong" });
      this.wrong.setAttribute("role", "alert");
      form.append(
        element("h2", { id: "title", textContent: title }),
        ...children,
        this.wrong,
        close,
      );
      this.dialog.replaceChildren(form, element("p", {
        className: "note",
        textContent: "Practice window. No real bank is asked.",
      }));
      this.at = AT[name] || this.at;
      this.tell("TRANSITION_VIEW", { view_name: name });
      const first = form.querySelector("input, button:not(.close)");
      if (first) first.focus();
      return form;
    }

    /* Runs one step; what goes wrong is said in the dialog, and the step can be tried again. */
    step(form, act) {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const buttons = form.querySelectorAll("button:not(.close)");
        for (const button of buttons) button.disabled = true;
        this.wrong.textContent = "";
        try {
          await act(event.submitter);
        } catch (problem) {
          const error = asError(problem);
          this.tell("ERROR", error);
          this.wrong.textContent = error.display_message || error.error_message;
          if (error.error_code === "PROFILE_AUTHENTICATION_FAILED") this.leave(error);
        }
        for (const button of buttons) button.disabled = false;
      });
    }

    askForCode() {
      const code = element("input", {
        type: "text", name: "code", inputMode: "numeric", autocomplete: "one-time-code",
        maxLength: 6, required: true,
      });
      const form = this.view("VERIFY_PHONE", "Confirm your phone",
        element("p", { textContent: "We texted a code of six digits to your phone." }),
        element("label", { textContent: "Code" }, code),
        element("button", { textContent: "Continue" }));
      this.step(form, async () => {
        this.tell("SUBMIT_OTP");
        const found = await this.call("otp", { code: code.value.trim() });
        this.tell("VERIFY_PHONE");
        this.review(found);
      });
    }

    review(found) {
      const known = found.identity;
      const lines = [
        known.name && `${known.name.first_name} ${known.name.last_name}`,
        known.address && `${known.address.street}, ${known.address.city}, ${known.address.region}`,
        known.email,
        known.date_of_birth && `Born ${known.date_of_birth}`,
        known.ssn_last_4 && `SSN ending in ${known.ssn_last_4}`,
      ].filter(Boolean);
      const banks = found.banks.map((bank) => this.choice(bank.institution_id, bank.name));
      const form = this.view("PROFILE_DATA_REVIEW", "Share what Plaid knows",
        ...lines.map((line) => element("p", { textContent: line })),
        ...banks.map((bank) => bank.label),
        element("button", { textContent: "Share" }));
      this.step(form, async () => {
        const chosen = banks.filter((bank) => bank.box.checked).map((bank) => bank.box.value);
        this.succeed(await this.call("finish", { institution_ids: chosen }));
      });
    }

    askForInstitution() {
      const form = this.view("SELECT_INSTITUTION", "Choose your bank",
        ...this.session.institutions.map((bank) => element("button", {
          className: "bank", name: "institution", value: bank.institution_id,
          textContent: bank.name,
        })));
      this.step(form, async (button) => {
        const bank = this.session.institutions.find((row) => row.institution_id === button.value);
        this.tell("SELECT_INSTITUTION", {
          institution_id: bank.institution_id, institution_name: bank.name,
        });
        this.askToSignIn(bank);
      });
    }

    askToSignIn(bank) {
      if (bank.oauth) this.askToLeave(bank);
      else this.askForLogin(bank);
    }

    /* A bank with OAuth: this very tab goes to its site, and comes back to the redirect_uri. */
    askToLeave(bank) {
      const form = this.view("OAUTH", `Sign in at ${bank.name}`,
        element("p", { textContent: `You sign in on the site of ${bank.name}, and come back.` }),
        element("button", { textContent: `Continue to ${bank.name}` }));
      this.step(form, async () => {
        const { path } = await this.call("handoff", { institution_id: bank.institution_id });
        this.tell("OPEN_OAUTH");
        location.assign(origin + path);
      });
    }

    async goOn(accounts) {
      if (this.session.kind === "update") this.succeed(await this.call("finish", {}));
      else this.askForAccounts(accounts);
    }

    askForLogin(bank) {
      const username = element("input", { type: "text", autocomplete: "off", required: true });
      const password = element("input", { type: "password", autocomplete: "off", required: true });
      const owner = element("input", {
        type: "text", autocomplete: "off", value: this.session.owner,
      });
      const names = this.session.kind === "update" ? [] : [
        element("p", { className: "note", textContent: "Whose accounts the bank says they are:" }),
        element("label", { textContent: "Name on the accounts" }, owner),
      ];
      const form = this.view("CREDENTIAL", `Sign in to ${bank.name}`,
        element("p", { className: "note", textContent: "Here it is user_good and pass_good." }),
        element("label", { textContent: "User name" }, username),
        element("label", { textContent: "Password" }, password),
        ...names,
        element("button", { textContent: "Sign in" }));
      this.step(form, async () => {
        this.tell("SUBMIT_CREDENTIALS");
        const found = await this.call("login", {
          institution_id: bank.institution_id,
          username: username.value,
          password: password.value,
          owner: owner.value,
        });
        await this.goOn(found.accounts);
      });
    }

    askForAccounts(accounts) {
      const choices = accounts.map((row) =>
        this.choice(row.account_id, row.mask ? `${row.name} ending in ${row.mask}` : row.name));
      const form = this.view("SELECT_ACCOUNT", "Choose the accounts to share",
        ...choices.map((choice) => choice.label),
        element("button", { textContent: "Share" }));
      this.step(form, async () => {
        const chosen = choices.filter((row) => row.box.checked).map((row) => row.box.value);
        this.succeed(await this.call("finish", { account_ids: chosen }));
      });
    }

    choice(value, text) {
      const box = element("input", { type: "checkbox", value, checked: true });
      return { box, label: element("label", { className: "choice" }, box, text) };
    }

    succeed(found) {
      this.over = true;
      this.close();
      this.tell("HANDOFF");
      if (this.options.onSuccess) this.options.onSuccess(found.public_token, found.metadata);
    }

    exit() {
      this.leave(null);
    }

    leave(error) {
      if (this.over) return;
      this.over = true;
      this.close();
      if (this.session) this.call("exit", {}).catch(() => {}); // else it never began here
      const session = this.session || {};
      const status = this.at || null; // where the person was, in the words Plaid has for it
      this.tell("EXIT", {
        exit_status: status,
        ...(error ? { error_code: error.error_code, error_type: error.error_type } : {}),
      });
      if (this.options.onExit) {
        this.options.onExit(error, {
          institution: null,
          status,
          link_session_id: session.link_session_id || null,
          request_id: requestId(),
        });
      }
    }

    close() {
      if (this.host) this.host.remove();
      this.host = null;
    }
  }

  /* Banks to choose from, in the page itself; the rest goes on in the dialog. */
  function embed(session, place) {
    const host = element("div");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    place.append(host);
    session.ready.then(({ institutions }) => {
      for (const bank of institutions) {
        const button = element("button", {
          type: "button", className: "bank", textContent: bank.name,
        });
        button.addEventListener("click", async () => {
          await session.open();
          session.askToSignIn(bank);
        });
        root.append(button);
      }
    }, () => {}); // told as ERROR already
    return host;
  }

  window.Plaid = {
    version: "sandbox",
    createEmbedded(options, place) {
      if (!options || !options.token) throw new Error("Plaid.createEmbedded needs a token");
      if (!place) throw new Error("Plaid.createEmbedded needs an element to be in");
      const session = new Session(options);
      const host = embed(session, place);
      return {
        destroy: () => {
          session.over = true;
          session.options = {};
          session.close();
          host.remove();
        },
      };
    },
    create(options) {
      if (!options || !options.token) throw new Error("Plaid.create needs a token");
      const session = new Session(options);
      return {
        submit: (given) => session.submit(given),
        open: () => session.open(),
        exit: () => session.exit(),
        destroy: () => {
          session.over = true;
          session.options = {};
          session.close();
        },
      };
    },
  };
})();
