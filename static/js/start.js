// Opens Plaid's window over plain forms. Without this file the forms do the work by themselves.
(() => {
    "use strict";

    const TOLD = new Set([
        "LAYER_READY", "LAYER_NOT_AVAILABLE", "LAYER_AUTOFILL_NOT_AVAILABLE", "OPEN", "EXIT",
    ]);
    const PATIENCE = 15000; // milliseconds Plaid has to say whether it knows a number

    async function ask(form, address, body) {
        const answer = await fetch(address, {
            method: "POST",
            headers: {
                "Content-Type": "application/json",
                "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
            },
            body: JSON.stringify(body),
            keepalive: true, // the page may be left for a bank's
        });
        const content = await answer.json();
        if (!answer.ok) throw new Error(content.detail);
        return content;
    }

    let script = null;

    function loadPlaid(address) {
        script ??= new Promise((done, failed) => {
            const element = document.createElement("script");
            element.src = address;
            element.addEventListener("load", done);
            element.addEventListener("error", () => failed(new Error("Plaid's script did not load")));
            setTimeout(failed, PATIENCE, new Error("Plaid's script is slow"));
            document.head.append(element);
        });
        return script;
    }

    // One of Plaid's windows over a form. `hear` is told every event by name, and where our server
    // would have the person go on. Back from a bank, its session is opened once more.
    async function prepare(form, kind, hear, receivedRedirectUri) {
        const { dataset } = form;
        const begun = receivedRedirectUri
            ? ask(form, dataset.reopenUrl, {})
            : ask(form, dataset.startUrl, { kind, item: dataset.item || null });
        const [started] = await Promise.all([begun, loadPlaid(dataset.script)]);
        const note = (name) =>
            ask(form, `${dataset.startUrl}${started.session}/events/`, { name }).catch(() => ({}));
        const handler = window.Plaid.create({
            token: started.token,
            ...(receivedRedirectUri && { receivedRedirectUri }),
            onEvent: async (name, metadata) => {
                if (!TOLD.has(name)) return;
                // A way back that Plaid does not accept, perhaps somebody else's, is no leaving.
                const isBroken = receivedRedirectUri && name === "EXIT" && metadata?.error_code;
                hear(name, isBroken ? null : (await note(name)).next);
            },
            onExit: () => {},
            onSuccess: async (publicToken) => {
                tell(form, dataset.saidFinishing);
                try {
                    if (kind === "update") {
                        await ask(form, `${dataset.startUrl}${started.session}/repaired/`, {});
                    } else {
                        await ask(form, dataset.finishUrl, { public_token: publicToken });
                    }
                    location.assign(dataset.doneUrl);
                } catch (problem) {
                    hear("FAILED");
                    tell(form, problem.message, true);
                }
            },
        });
        return handler;
    }

    function tell(form, text, isBad = false) {
        const told = form.querySelector("[data-told]");
        told.textContent = text;
        told.classList.toggle("told--bad", isBad);
    }

    // --- the phone number: Plaid is asked first, then the form has a code texted ------------------
    function begin(form) {
        const { dataset } = form;
        const phone = form.elements.phone_number;
        const birthday = form.elements.date_of_birth;
        const button = form.querySelector("[data-send]");
        const ofText = button.textContent;
        const parts = {};
        for (const part of form.querySelectorAll("[data-part]")) parts[part.dataset.part] = part;
        let stage = "phone"; // phone → birthday → text; in the last the form is sent as it is
        let asked = null;
        let timer = 0;

        function show(next, text = "") {
            clearTimeout(timer);
            stage = next;
            parts.birthday.hidden = stage === "phone";
            parts.text.hidden = stage !== "text";
            parts.plaid.hidden = stage === "text";
            button.textContent = stage === "text" ? ofText : dataset.continue;
            button.removeAttribute("aria-disabled");
            tell(form, text);
        }

        function giveUp(text, next) {
            if (next && next !== location.pathname) { // no code can be texted: another way
                location.assign(next);
                return;
            }
            show("text", text);
            if (birthday.value) {
                // What is agreed to is read before its box is ticked.
                form.elements.instructions.focus({ preventScroll: true });
                form.querySelector("[data-told]").scrollIntoView({ block: "nearest" });
            } else {
                birthday.focus();
            }
        }

        async function submit(answers) {
            button.setAttribute("aria-disabled", "true");
            tell(form, dataset.saidLooking);
            clearTimeout(timer);
            timer = setTimeout(giveUp, PATIENCE, dataset.saidText);
            try {
                (await asked).submit(answers);
            } catch {
                giveUp(dataset.saidText);
            }
        }

        const heard = {
            async LAYER_READY() {
                clearTimeout(timer);
                tell(form, "");
                (await asked).open();
            },
            LAYER_NOT_AVAILABLE() {
                const known = birthday.value;
                show("birthday", dataset.saidBirthday);
                if (known) submit({ date_of_birth: known });
                else birthday.focus();
            },
            async LAYER_AUTOFILL_NOT_AVAILABLE(next) {
                giveUp(dataset.saidText, next);
                (await asked).destroy();
            },
            EXIT: (next) => giveUp(dataset.saidLeft, next),
            FAILED: () => show("text"),
        };

        form.addEventListener("submit", (event) => {
            if (stage === "text") return;
            event.preventDefault();
            if (button.getAttribute("aria-disabled")) return;
            const digits = phone.value.replace(/\D/g, "").replace(/^1(?=\d{10}$)/, "");
            if (digits.length !== 10) {
                tell(form, dataset.saidNumber, true);
                phone.setAttribute("aria-invalid", "true");
                phone.focus();
            } else if (stage === "phone") {
                submit({ phone_number: `+1${digits}` });
            } else if (birthday.value) {
                submit({ date_of_birth: birthday.value });
            } else {
                tell(form, dataset.saidBirthday);
                birthday.focus();
            }
        });
        // Another number begins anew; Plaid's answer was about the first.
        phone.addEventListener("input", () => {
            phone.removeAttribute("aria-invalid");
            if (stage === "birthday") show("phone");
        });

        if (form.querySelector("[aria-invalid=true]")) { // it was sent, and is to be mended
            show("text");
            return;
        }
        show("phone");
        asked = prepare(form, "layer", (name, next) => heard[name]?.(next));
        asked.catch(() => show("text"));
    }

    // --- a button that connects a bank, or repairs its connection ---------------------------------
    function connect(form) {
        const { dataset } = form;
        const button = form.querySelector("button");

        function free(text, isBad) {
            button.removeAttribute("aria-disabled");
            tell(form, text, isBad);
        }

        form.hidden = false;
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            if (button.getAttribute("aria-disabled")) return;
            button.setAttribute("aria-disabled", "true");
            tell(form, dataset.saidOpening);
            const heard = {
                OPEN: () => tell(form, ""),
                EXIT: () => free(dataset.saidLeft),
                FAILED: () => free(""),
            };
            try {
                const handler = await prepare(form, dataset.link, (name) => heard[name]?.());
                handler.open();
            } catch {
                free(dataset.saidDown, true);
            }
        });
    }

    // --- back from a bank that has people sign in on its own site ---------------------------------
    async function comeBack(form) {
        const { dataset } = form;

        function stop(text, isBad) {
            tell(form, text, isBad);
            form.querySelector("[data-after]").hidden = false;
        }

        const heard = {
            EXIT: () => stop(dataset.saidLeft),
            FAILED: () => stop(""),
        };
        tell(form, dataset.saidOpening);
        try {
            const [address] = location.href.split("#"); // some banks add an empty fragment
            const handler = await prepare(form, dataset.back, (name) => heard[name]?.(), address);
            history.replaceState(null, "", location.pathname); // it is good for once
            handler.open();
        } catch {
            stop(dataset.saidDown, true);
        }
    }

    // --- how long until another text --------------------------------------------------------------
    function countDown(form) {
        const button = form.querySelector("[data-wait-button]");
        const left = form.querySelector("[data-wait-left]");
        const told = form.querySelector("[data-wait-told]");
        const end = Date.now() + form.dataset.wait * 1000;
        if (!left) return;
        button.disabled = true;
        const timer = setInterval(() => {
            const seconds = Math.ceil((end - Date.now()) / 1000);
            left.textContent = String(Math.max(seconds, 0));
            if (seconds > 0) return;
            clearInterval(timer);
            button.disabled = false;
            form.querySelector("[data-wait-note]").hidden = true;
            told.textContent = told.dataset.said;
        }, 500);
    }

    document.querySelectorAll("form[data-layer]").forEach(begin);
    document.querySelectorAll("form[data-link]").forEach(connect);
    document.querySelectorAll("form[data-back]").forEach(comeBack);
    document.querySelectorAll("form[data-wait]").forEach(countDown);
})();
