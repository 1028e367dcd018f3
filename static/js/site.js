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
})();
