/**
 * StockSprout Web SDK: fills in one person's form, in their browser, with a client token.
 *
 * Each answer of the server names the next step. This module takes it, or asks the page for what
 * only a person can give. It draws nothing, logs nothing and stores nothing.
 */
export const VERSION = "1.1.0";

const PLAID_SCRIPT = "https://cdn.plaid.com/link/v2/stable/link-initialize.js";
const PAUSES = [500, 2000]; // before the second and the third try; all times in milliseconds
const LONGEST_WAIT = 20_000; // a longer Retry-After is not waited for
const ANSWER_WITHIN = 40_000;
const LAYER_WITHIN = 15_000; // for Plaid to say whether it knows somebody
const KINDS = { open_layer: "layer", submit_date_of_birth: "layer", open_link: "link" };
const TURNS = ["LAYER_NOT_AVAILABLE", "LAYER_AUTOFILL_NOT_AVAILABLE", "EXIT"]; // Plaid's events
const AFTER = {
  open_layer: "verify_phone",
  submit_date_of_birth: "verify_phone",
  verify_phone: "open_link",
  enter_code: "open_link",
  open_link: "type_it",
  reconnect: "review",
}; // where a step leads that is skipped

/** Begin for one person: `onStep` is told at once where they stand. */
export function createPrefill(options) {
  return new Flow(options);
}

/** A problem+json document on its way to `onError`. */
class Refusal {
  constructor(problem) {
    this.problem = problem;
  }
}

function refuse(code, detail) {
  return new Refusal({ type: "about:blank", title: "Not done", status: 0, code, detail });
}

/** Requests, safely repeated: an action keeps its Idempotency-Key until it is answered. */
class Client {
  #keys = new Map();
  #gone = new AbortController();

  constructor({ baseUrl = new URL(import.meta.url).origin, token, getToken, onRequest }) {
    Object.assign(this, { root: `${baseUrl}/api/v1/`, token, getToken, onRequest });
  }

  stop() {
    this.#gone.abort();
    this.#keys.clear();
    this.token = null;
  }

  async send(method, path, body) {
    const text = body && JSON.stringify(body);
    const action = `${method} ${path} ${text}`;
    if (body && !this.#keys.has(action)) this.#keys.set(action, makeKey());
    let hasRenewed = !this.getToken;
    for (let tries = 0; ; ) {
      const { status, data, retryAfter } = await this.#ask(method, path, text, action);
      if (status === 401 && !hasRenewed) {
        hasRenewed = true;
        this.token = null;
        continue;
      }
      const isLost = status === 429 || data?.code === "request_in_progress" || !data;
      if (!isLost) this.#keys.delete(action);
      if (!isLost && status < 400) return data;
      const wait = retryAfter ? retryAfter * 1000 : PAUSES[tries];
      if (!isLost || tries++ >= PAUSES.length || wait > LONGEST_WAIT) {
        if (data) throw new Refusal({ ...data, ...(retryAfter && { retry_after: retryAfter }) });
        throw refuse("network", "The server could not be reached. Please try again.");
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Send once; no data stands for no answer of ours. */
  async #ask(method, path, body, action) {
    this.token ??= await this.getToken?.();
    const headers = { Authorization: `Bearer ${this.token}` };
    const key = this.#keys.get(action);
    if (key) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": key });
    const signal = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(ANSWER_WITHIN)]);
    const answer = { status: 0 };
    try {
      const response = await fetch(this.root + path, { method, headers, body, signal });
      answer.status = response.status;
      answer.retryAfter = Number(response.headers.get("Retry-After"));
      const data = await response.json();
      if (response.ok || data.code) answer.data = data;
    } catch (error) {
      if (this.#gone.signal.aborted) throw error;
    }
    this.onRequest?.({ method, path, status: answer.status });
    return answer;
  }
}

function makeKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}

/** Plaid takes +12125550100 only. */
function asE164(text) {
  const digits = text.replace(/\D/g, "");
  return digits.length === 10 && !text.includes("+") ? `+1${digits}` : `+${digits}`;
}

let loading = null;

/** Load Plaid's script, once for a page. */
function loadPlaid(src) {
  loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = () => resolve(globalThis.Plaid);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(refuse("script_blocked", "Plaid's window could not be loaded."));
    };
    document.head.append(script);
  });
  return loading;
}

class Flow {
  #options;
  #client;
  #step = {};
  #given = {}; // phone_number, date_of_birth and consent, for the length of this flow
  #skipped = new Set();
  #plaid = null;
  #running = new Map();
  #queue = Promise.resolve();
  #isGone = false;

  constructor(options) {
    this.#options = options;
    this.#client = new Client(options);
    const { resume } = options;
    this.#run("look", () => (resume ? this.#resume(resume) : this.#look()));
  }

  start({ phoneNumber } = {}) {
    return this.#run("start", async () => {
      if (phoneNumber) this.#given.phone_number = phoneNumber;
      if (!this.#step.action) await this.#look(); // the first look failed
      const { action } = this.#step;
      const isLayer = KINDS[action] === "layer" && phoneNumber;
      if (isLayer) return this.#submit({ phone_number: asE164(phoneNumber) });
      return this.#follow(action === "enter_code" ? { action: "verify_phone" } : this.#step);
    });
  }

  giveDateOfBirth(date, { instructionsAccepted = false } = {}) {
    return this.#run("giveDateOfBirth", async () => {
      this.#expect("submit_date_of_birth", "verify_phone");
      this.#given.date_of_birth = date;
      const { action, instructions } = this.#step;
      if (action !== "verify_phone") return this.#submit({ date_of_birth: date });
      if (!instructionsAccepted) throw refuse("missing", "The person has to agree first.");
      this.#given.consent = { accepted: true, text_version: instructions.text_version };
      return this.#sendCode();
    });
  }

  enterCode(code) {
    return this.#run("enterCode", () => {
      this.#expect("enter_code");
      const body = { session_id: this.#step.session_id, verification_code: code };
      return this.#act("POST", "phone/confirm", body);
    });
  }

  resend() {
    return this.#run("resend", async () => {
      this.#expect("enter_code");
      if (this.#given.consent) return this.#sendCode();
      return this.#follow({ action: "verify_phone" }); // a page loaded anew knows nobody
    });
  }

  openLink() {
    return this.#run("openLink", async () => {
      this.#expect("open_link", "reconnect", "review", "type_it");
      const item = this.#step.item_id; // of a bank to reconnect
      await this.#prepare(item ? "update" : "link", item);
      if (this.#plaid) this.#open(this.#plaid);
    });
  }

  /** Go on without the present step. */
  skip() {
    const { action } = this.#step;
    return this.#run("skip", () => {
      if (action !== this.#step.action || !AFTER[action]) return null; // it is over already
      this.#skipped.add(action);
      return this.#plaid ? this.#turn(this.#plaid, "EXIT") : this.#follow(this.#step);
    });
  }

  edit(changes) {
    return this.#run("edit", () => this.#act("PATCH", this.#path, { changes }));
  }

  getPrefill() {
    return this.#run("getPrefill", () => this.#client.send("GET", this.#path));
  }

  destroy() {
    this.#isGone = true;
    this.#client.stop();
    this.#drop();
    this.#given = {};
  }

  get #path() {
    return `prefill/${this.#options.userId}`;
  }

  /** Do one thing after the other; a second press of the same button joins the first. */
  #run(name, work) {
    if (!this.#running.has(name)) {
      const done = this.#queue.then(() => this.#attempt(name, work));
      this.#running.set(name, done);
      this.#queue = done.catch(() => {}); // who called hears of it
    }
    return this.#running.get(name);
  }

  async #attempt(name, work) {
    try {
      return await work();
    } catch (error) {
      return this.#isGone ? null : await this.#complain(error);
    } finally {
      this.#running.delete(name);
    }
  }

  /** Tell the page; after a refusal the server knows best where the person stands. */
  async #complain(error) {
    if (!(error instanceof Refusal)) throw error;
    this.#options.onError?.(error.problem);
    if (![409, 422, 503].includes(error.problem.status)) return;
    await this.#look().catch((again) => this.#options.onError?.(again.problem));
  }

  #expect(...actions) {
    if (actions.includes(this.#step.action)) return;
    throw refuse("not_expected", "This is not the step the person is at.");
  }

  #look() {
    return this.#act("GET", this.#path);
  }

  async #act(method, path, body) {
    const answer = await this.#client.send(method, path, body);
    await this.#follow(answer.next_step, path === this.#path ? answer : null);
  }

  /** Get ready for a step and hand it to the page. */
  async #follow(next, prefill) {
    let step = next;
    while (this.#skipped.has(step.action)) step = { action: AFTER[step.action] };
    try {
      if (KINDS[step.action]) await this.#prepare(KINDS[step.action]);
      else this.#drop();
    } catch (error) {
      const { status, code } = error.problem ?? {};
      if (![409, 503].includes(status) && code !== "script_blocked") throw error;
      this.#skipped.add(step.action); // that way is shut at present
      return this.#look();
    }
    if (step.action === "verify_phone" && !step.instructions) {
      step = { ...step, instructions: await this.#client.send("GET", "phone/consent-text") };
    }
    const isReview = step.action === "review";
    const data = isReview && (prefill ?? (await this.#client.send("GET", this.#path)));
    if (this.#isGone) return;
    this.#step = step;
    this.#options.onStep?.(step);
    if (isReview) this.#options.onData?.(data);
  }

  #sendCode() {
    return this.#act("POST", "phone/verify", { user_id: this.#options.userId, ...this.#given });
  }

  /** Have a session of Plaid's with its window loaded; the present one, if it fits. */
  async #prepare(kind, item_id) {
    if (this.#plaid?.kind === kind && !this.#plaid.isOver) return;
    this.#drop();
    const { userId: user_id, language, redirectUri: redirect_uri } = this.#options;
    const body = { user_id, kind, item_id, language, redirect_uri };
    const made = await this.#client.send("POST", "plaid/link-token", body);
    await this.#load({ id: made.session_id, kind, token: made.link_token });
  }

  async #load(session, receivedRedirectUri) {
    const Plaid = await loadPlaid(this.#options.plaidScriptUrl ?? PLAID_SCRIPT);
    if (this.#isGone) return;
    this.#plaid = session;
    session.isBack = Boolean(receivedRedirectUri);
    session.handler = Plaid.create({
      token: session.token,
      ...(session.isBack && { receivedRedirectUri }),
      onSuccess: (proof) => this.#run("finish", () => this.#finish(session, proof)),
      onEvent: (name, metadata) => this.#hear(session, name, metadata),
      onExit: (error) => this.#hear(session, "EXIT", error),
    });
  }

  /** Open the window; a bank may have the person leave the page from it. */
  #open({ id: sessionId, kind, token: linkToken, handler }) {
    this.#options.onLink?.({ linkToken, sessionId, kind });
    handler.open();
  }

  /** Back from a bank's own site: go on in the window the person left. */
  async #resume({ linkToken, sessionId, kind, receivedRedirectUri }) {
    await this.#look();
    this.#drop();
    await this.#load({ id: sessionId, kind, token: linkToken }, receivedRedirectUri);
    this.#plaid?.handler.open();
  }

  /** Give something to Layer, which answers by an event; no answer is a no. */
  #submit(given) {
    const session = this.#plaid;
    clearTimeout(session.timer);
    session.timer = setTimeout(() => this.#hear(session, "EXIT"), LAYER_WITHIN);
    session.handler.submit(given);
  }

  #hear(session, event, problem) {
    if (session !== this.#plaid || session.isOver) return;
    clearTimeout(session.timer);
    const name = event === "ERROR" && !session.isOpen ? "EXIT" : event;
    if (name === "OPEN") session.isOpen = true;
    if (name === "LAYER_READY") this.#open(session);
    if (!TURNS.includes(name)) return;
    session.isOver = name !== TURNS[0];
    if (session.isBack && problem?.error_code) {
      // A way back that Plaid does not accept, perhaps somebody else's, is no leaving.
      this.#options.onError?.(refuse("return_refused", "Your bank is not connected.").problem);
      this.#run("lookAgain", () => this.#look());
      return;
    }
    this.#run(name, () => this.#turn(session, name));
  }

  #turn(session, event_name) {
    return this.#act("POST", "plaid/events", { session_id: session.id, event_name });
  }

  #finish(session, public_token) {
    session.isOver = true;
    const proof = session.kind === "update" ? { session_id: session.id } : { public_token };
    const body = { user_id: this.#options.userId, ...proof };
    return this.#act("POST", "plaid/exchange-token", body);
  }

  #drop() {
    clearTimeout(this.#plaid?.timer);
    this.#plaid?.handler.destroy();
    this.#plaid = null;
  }
}
