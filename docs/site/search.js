// Search over the whole reference, without a server: search.json is fetched when somebody begins to type. And the language
// that was chosen last is chosen on every page, the contents show where one is, and programs can be copied.

"use strict";

(() => {
  const root = document.documentElement.dataset.root;
  const form = document.querySelector(".search");
  const box = document.getElementById("search");
  const list = document.getElementById("found");
  const told = document.getElementById("told");
  const most = 12;
  let entries;
  let chosen = -1;

  // ---- finding ----

  const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");

  async function load() {
    if (entries !== undefined) return;
    const response = await fetch(`${root}search.json`);
    if (!response.ok) throw new Error(`search.json: ${response.status}`);
    entries = (await response.json()).map((entry) => ({
      ...entry,
      nameWords: wordsOf(entry.name),
      summaryWords: wordsOf(entry.summary),
      otherWords: wordsOf(entry.words ?? ""),
    }));
  }

  // What one typed word is worth in an entry: whole words before beginnings, names before what is said of them.
  function worthOf(entry, typed) {
    if (entry.nameWords.includes(typed)) return 12;
    if (entry.nameWords.some((word) => word.startsWith(typed))) return 8;
    if (entry.summaryWords.includes(typed)) return 5;
    if (entry.summaryWords.some((word) => word.startsWith(typed))) return 3;
    if (entry.otherWords.includes(typed)) return 2;
    if (entry.otherWords.some((word) => word.startsWith(typed))) return 1;
    return 0;
  }

  // What somebody looks for is more often to be called than to be heard of.
  const rankOf = ({ kind }) => ["operation", "resource", "guide"].includes(kind) ? 0 : 1;

  function find(text) {
    const typed = wordsOf(text);
    const found = [];

    for (const entry of typed.length === 0 ? [] : entries) {
      const worths = typed.map((word) => worthOf(entry, word));
      if (worths.includes(0)) continue;
      const exact = entry.name.toLowerCase() === text.trim().toLowerCase() ? 100 : 0;
      found.push({ entry, worth: exact + worths.reduce((sum, worth) => sum + worth, 0) });
    }
    return found
      .sort((a, b) => b.worth - a.worth || rankOf(a.entry) - rankOf(b.entry) || a.entry.name.length - b.entry.name.length)
      .map(({ entry }) => entry);
  }

  // ---- showing ----

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className !== undefined) made.className = className;
    return made;
  }

  function choose(index) {
    const options = [...list.querySelectorAll("a")];
    chosen = options.length === 0 ? -1 : (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) box.removeAttribute("aria-activedescendant");
    else {
      box.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  // A line may end behind the dots and underscores of a name.
  function nameOf(entry) {
    const made = element("b", "");
    made.append(...entry.name.split(/(?<=[._])/).flatMap((part) => [part, document.createElement("wbr")]));
    return made;
  }

  function option(entry, index) {
    const made = element("a", "", entry.kind);
    made.href = root + entry.href;
    made.id = `found-${index}`;
    made.setAttribute("role", "option");
    made.tabIndex = -1;
    made.append(element("i", entry.kind), nameOf(entry), element("span", entry.summary));
    return made;
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    choose(0);
  }

  function show(found) {
    list.replaceChildren(...found.slice(0, most).map(option));
    list.hidden = found.length === 0;
    box.setAttribute("aria-expanded", String(found.length > 0));
    told.textContent = found.length === 1 ? "1 result" : `${found.length} results`;
    choose(0);
  }

  async function look() {
    const text = box.value;
    if (text.trim() === "") {
      close();
      told.textContent = "";
      return;
    }
    try {
      await load();
    } catch {
      told.textContent = "The search is not available just now.";
      return;
    }
    if (text === box.value) show(find(text));
  }

  // ---- keys ----

  function key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("[aria-selected=true]")?.click();
    } else if (event.key === "Escape") {
      close();
      box.blur();
    }
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", look);
  box.addEventListener("focus", look);
  box.addEventListener("keydown", key);
  list.addEventListener("click", close);
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // ---- contents ----

  const here = document.querySelector("nav [aria-current]");
  const contents = document.querySelector("nav");
  if (here !== null) contents.scrollTop = Math.max(0, here.offsetTop - contents.clientHeight / 3);

  // ---- languages ----

  const stored = (() => {
    try {
      return localStorage;
    } catch {
      return undefined;
    }
  })();

  function speak(language) {
    for (const input of document.querySelectorAll(".examples input")) input.checked = input.value === language;
  }

  const languages = new Set([...document.querySelectorAll(".examples input")].map((input) => input.value));
  if (languages.has(stored?.getItem("language"))) speak(stored.getItem("language"));
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".examples input")) return;
    const before = event.target.getBoundingClientRect().top;
    speak(event.target.value);
    scrollBy(0, event.target.getBoundingClientRect().top - before);
    stored?.setItem("language", event.target.value);
  });

  // ---- copying ----

  async function copy(button, program) {
    try {
      await navigator.clipboard.writeText(program.textContent);
      button.textContent = told.textContent = "Copied";
    } catch {
      button.textContent = told.textContent = "Not copied";
    }
    setTimeout(() => {
      button.textContent = "Copy";
      told.textContent = "";
    }, 2000);
  }

  const shown = (program) => program.getClientRects().length > 0;

  for (const box of navigator.clipboard === undefined ? [] : document.querySelectorAll(".examples")) {
    const button = element("button", "Copy", "copy");
    button.type = "button";
    button.addEventListener("click", () => copy(button, [...box.querySelectorAll("pre")].find(shown)));
    box.querySelector("legend").after(button);
  }
})();
