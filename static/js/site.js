// Small comforts. Every page works without this file.
(() => {
    "use strict";

    for (const control of document.querySelectorAll("[data-needs-js]")) {
        control.hidden = false;
    }

    // A second press sends nothing; coming back by the back button frees the form again.
    const sent = new Set();
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.method !== "post" || event.defaultPrevented) return;
        if (sent.has(form)) {
            event.preventDefault();
            return;
        }
        sent.add(form);
        event.submitter?.setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", () => {
        sent.clear();
        for (const button of document.querySelectorAll("button[aria-disabled]")) {
            button.removeAttribute("aria-disabled");
        }
    });

    for (const button of document.querySelectorAll("[data-copy]")) {
        const source = document.getElementById(button.dataset.copy);
        const told = document.getElementById(button.dataset.copyTold);
        button.addEventListener("click", async () => {
            source.select();
            try {
                await navigator.clipboard.writeText(source.value);
            } catch {
                document.execCommand("copy");
            }
            told.textContent = button.dataset.copied;
        });
    }

    for (const button of document.querySelectorAll("[data-print]")) {
        button.addEventListener("click", () => window.print());
    }

    // A typed amount and a picked one never stand side by side.
    for (const group of document.querySelectorAll("[data-amounts]")) {
        const typed = group.querySelector("input[type=text], input[type=number]");
        const picked = group.querySelectorAll("input[type=radio]");
        group.addEventListener("change", (event) => {
            if (event.target.type === "radio") typed.value = "";
        });
        typed?.addEventListener("input", () => {
            if (typed.value.trim()) picked.forEach((radio) => { radio.checked = false; });
        });
    }

    // A page about something under way looks again by itself, and comes anew once it says something
    // else; never while somebody types in it or has opened a part of it.
    const main = document.querySelector("[data-follow]");
    if (main) {
        const FIRST = 4000, LONGEST = 60000, ENOUGH = 30 * 60000;
        const began = Date.now();
        let touched = false;
        const read = (part) => {
            const copy = part.cloneNode(true);
            copy.querySelectorAll(".notices, noscript").forEach((one) => one.remove());
            return copy.textContent.replace(/\s+/g, " ").trim();
        };
        const shown = read(main);
        main.addEventListener("input", () => { touched = true; });
        main.addEventListener("toggle", () => { touched = true; }, true);
        main.addEventListener("submit", () => { touched = true; });
        const look = async (wait) => {
            if (touched || Date.now() - began > ENOUGH) return;
            if (document.visibilityState === "visible") {
                try {
                    const answer = await fetch(window.location.href, { redirect: "error" });
                    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                    const fresh = page.getElementById("main");
                    if (answer.ok && fresh && read(fresh) !== shown && !touched) {
                        window.location.reload();
                        return;
                    }
                } catch {
                    // No connection at the moment: look again later.
                }
            }
            setTimeout(look, wait, Math.min(wait * 1.5, LONGEST));
        };
        setTimeout(look, FIRST, FIRST);
    }
})();
