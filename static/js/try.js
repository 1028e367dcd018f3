// The portal's page to try the SDK: all a page has to do, one card for each step.
import { createPrefill } from "../sdk/stocksprout.js";

const root = document.getElementById("trial");
const log = root.querySelector("[data-log]");
const error = root.querySelector("[data-error]");
let known = null;
let told = 0; // how many problems

const flow = createPrefill({
    userId: root.dataset.user,
    token: root.dataset.token,
    plaidScriptUrl: root.dataset.plaid,
    onStep: showStep,
    onData: fillForm,
    onError: showProblem,
    onRequest: ({ method, path, status }) =>
        write(`${method} ${path.replace(root.dataset.user, "…")}`, status || "no answer"),
});

const doing = {
    start: (form) => flow.start({ phoneNumber: form.phoneNumber.value }),
    birthday: (form) => flow.giveDateOfBirth(form.date.value),
    code(form) {
        const code = form.code.value.trim();
        form.code.value = "";
        return flow.enterCode(code);
    },
    resend: () => flow.resend(),
    link: () => flow.openLink(),
    skip: () => flow.skip(),
    async edit() {
        const changes = collectChanges();
        if (Object.keys(changes).length) await flow.edit(changes);
    },
    async verify(form) {
        await flow.start({ phoneNumber: form.phoneNumber.value });
        const instructionsAccepted = form.agreed.checked;
        await flow.giveDateOfBirth(form.date.value, { instructionsAccepted });
    },
};

root.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.target.dataset.does, event.target, event.submitter);
});
root.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button][data-does]");
    if (button && event.detail < 2) act(button.dataset.does, button.form, button);
});

/* The old problem goes only when the answer is there, so that no button moves under a finger. */
async function act(name, form, button) {
    const before = told;
    button?.setAttribute("aria-disabled", "true");
    await doing[name](form);
    button?.removeAttribute("aria-disabled");
    error.hidden = told === before;
}

function showStep(step) {
    write("next_step", step.action);
    const wasAt = root.dataset.step;
    root.dataset.step = step.action;
    for (const part of root.querySelectorAll("[data-shown]")) {
        part.hidden = !part.dataset.shown.split(" ").includes(step.action);
    }
    if (step.action === "verify_phone") keepTyped(step.instructions);
    if (step.action === "enter_code") {
        root.querySelector("[data-attempts]").textContent = step.attempts_left;
    }
    root.querySelector("[data-optional]").hidden = !step.optional?.includes("open_link");
    const first = root.querySelector("[data-shown]:not([hidden]) :is(input, button)");
    if (step.action !== wasAt) first?.focus({ preventScroll: true });
}

/* What was typed for Plaid is not asked for again. */
function keepTyped(instructions) {
    showLinked(root.querySelector("[data-instructions]"), instructions);
    for (const [from, to] of [["#phone", "#sms_phone"], ["#layer_birthday", "#sms_birthday"]]) {
        const field = root.querySelector(to);
        field.value ||= root.querySelector(from).value;
    }
}

function fillForm(prefill) {
    known = prefill;
    for (const field of root.querySelectorAll("[data-path]")) {
        field.value = read(field.dataset.path);
    }
    const home = prefill.addresses[0] ?? {};
    for (const field of root.querySelectorAll("[data-address]")) {
        field.value = home[field.dataset.address] ?? "";
    }
    for (const note of root.querySelectorAll("[data-source]")) {
        note.textContent = sourceOf(prefill, note.dataset.source);
    }
    const rest = [];
    for (const group of ["employment", "financial_info"]) {
        for (const [name, value] of Object.entries(prefill[group] ?? {})) {
            if (value !== null && value.length !== 0) rest.push(...makeRow(name, value));
        }
    }
    root.querySelector("[data-rest]").replaceChildren(...rest);
}

function sourceOf(prefill, path) {
    return root.dataset[`from_${prefill.provenance[path]?.source}`] ?? "";
}

function read(path) {
    const [group, name] = path.split(".");
    return known?.[group]?.[name] ?? "";
}

function collectChanges() {
    const changes = {};
    for (const field of root.querySelectorAll("[data-path]")) {
        if (field.value !== read(field.dataset.path)) changes[field.dataset.path] = field.value;
    }
    const [home, ...others] = known?.addresses ?? [];
    const typed = { ...home };
    let isOther = false;
    for (const { dataset, value } of root.querySelectorAll("[data-address]")) {
        isOther ||= value !== (home?.[dataset.address] ?? "");
        typed[dataset.address] = value;
    }
    if (isOther) changes.addresses = [typed, ...others];
    return changes;
}

function makeRow(name, value) {
    const row = document.createElement("div");
    row.className = "row";
    const label = document.createElement("dt");
    label.textContent = name.replaceAll("_", " ");
    const text = document.createElement("dd");
    for (const line of [value].flat()) {
        const part = document.createElement("div");
        part.textContent = describe(line);
        text.append(part);
    }
    row.append(label, text);
    return [row];
}

function describe(value) {
    if (value === null || typeof value !== "object") return String(value);
    const parts = [value.institution_name, value.name, value.mask && `••${value.mask}`];
    return parts.filter(Boolean).join(" ");
}

function showProblem(problem) {
    told += 1;
    write("problem", problem.code);
    const fields = Object.values(problem.fields ?? {});
    error.textContent = fields.length ? fields.join(" ") : problem.detail;
    error.hidden = false;
}

function write(what, result) {
    const line = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = what;
    const end = document.createElement("strong");
    end.textContent = result;
    line.append(code, " → ", end);
    log.append(line);
    log.scrollTop = log.scrollHeight;
}

/** Show the text with what it names as links; nothing of it is read as HTML. */
function showLinked(place, { text, links = [] }) {
    let rest = text;
    place.textContent = "";
    for (const { text: name, url } of links) {
        const at = rest.indexOf(name);
        if (at < 0) continue;
        const link = document.createElement("a");
        link.href = url;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = name;
        place.append(rest.slice(0, at), link);
        rest = rest.slice(at + name.length).replace(`, ${url}`, "");
    }
    place.append(rest);
}
