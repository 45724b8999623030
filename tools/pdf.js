// The pages of the built site as one document on paper. pdf.py calls these in turn.

const DROPPED = "script, input, button, .headerlink, .claim-link, .toctree-wrapper";
const short = (name) => name.replace(/^book\//, "").replaceAll("/", "-");

// Of all headings, for the outline: Chromium leaves out their math, and repeats some words.
let titles;

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A page under another page's heading: its own headings go one level down.
function lower(body) {
  for (const level of [5, 4, 3, 2, 1]) {
    for (const heading of body.querySelectorAll(`h${level}`)) {
      const lowered = element(`h${level + 1}`, {}, ...heading.childNodes);
      if (heading.id) lowered.id = heading.id;
      heading.replaceWith(lowered);
    }
  }
}

// Identifiers are those of a page: with its name before them they are the document's. Links follow.
function settle(body, name, names, published) {
  for (const tag of body.querySelectorAll("[id]")) tag.id = `${short(name)}--${tag.id}`;
  for (const tag of body.querySelectorAll("[for]")) tag.removeAttribute("for");
  const base = `${location.origin}/${name}.html`;
  for (const image of body.querySelectorAll("img[src]")) {
    image.src = new URL(image.getAttribute("src"), base);
    image.loading = "eager";
  }
  for (const link of body.querySelectorAll("a[href]")) {
    const url = new URL(link.getAttribute("href"), base);
    const target = url.pathname.slice(1).replace(/\.html$/, "");
    if (url.origin !== location.origin) continue;
    if (names.includes(target)) link.href = `#${short(target)}${url.hash && "--" + url.hash.slice(1)}`;
    else if (published) link.href = published + url.pathname + url.hash;
    else link.removeAttribute("href");
  }
}

// Paper has no clicks: what is folded is open. That Colab needs a setup is of no interest there.
function unfold(body) {
  for (const details of body.querySelectorAll("details")) {
    details.open = true;
    if (!details.classList.contains("hide")) continue;
    const summary = details.querySelector("summary");
    if (summary.textContent.includes("setup for Colab")) details.closest(".cell").remove();
    summary.remove();
    details.replaceWith(...details.childNodes);
  }
}

async function gather(parts, front, published) {
  const names = parts.flatMap(([, pages]) => pages);
  const contents = element("ol", {});
  const running = element("style", {});
  const chapters = [];
  const sheets = new Set();
  for (const [caption, pages] of parts) {
    const list = caption ? element("ol", {}) : contents;
    for (const name of pages) {
      const text = await (await fetch(`/${name}.html`)).text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const body = page.querySelector("article.bd-article");
      for (const link of page.querySelectorAll("link[rel=stylesheet]")) {
        sheets.add(new URL(link.getAttribute("href"), `${location.origin}/${name}.html`).href);
      }
      for (const tag of body.querySelectorAll(DROPPED)) tag.remove();
      settle(body, name, names, published);
      unfold(body);
      const heading = body.querySelector("h1");
      if (!caption) heading.textContent = "About this book";
      const title = heading.textContent;
      if (caption) lower(body);
      const chapter = element("section", { id: short(name), className: "bd-content" }, body);
      if (caption && name === pages[0]) body.prepend(element("h1", { className: "part" }, caption));
      chapter.style.page = short(name);
      running.append(`@page ${short(name)} { @top-center { content: ${JSON.stringify(title)} } }\n`);
      chapters.push(chapter);
      list.append(element("li", {}, element("a", { href: `#${short(name)}` }, element("span", {}, title),
        element("span", { className: "number" }, "000"))));
    }
    if (caption) contents.append(element("li", {}, element("p", {}, caption), list));
  }
  for (const href of sheets) {
    const sheet = element("link", { rel: "stylesheet", href });
    document.head.append(sheet);
    await new Promise((done, failed) => Object.assign(sheet, { onload: done, onerror: () => failed(href) }));
  }
  document.head.append(running);
  document.body.innerHTML = front;
  document.body.append(element("nav", { className: "book-contents" }, element("h1", {}, "Contents"), contents), ...chapters);
  titles = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => heading.textContent);
  await Promise.all([...document.images].map((image) => image.decode()));
}

// What is wider than the page is made smaller; code to 0.72 at most, so that 120 columns fit; longer lines are wrapped.
function fit() {
  for (const tag of document.querySelectorAll("mjx-container[display], table")) {
    const room = tag.parentElement.clientWidth;
    const width = Math.max(tag.scrollWidth, tag.firstElementChild?.scrollWidth ?? 0);
    if (room && width > room) tag.style.zoom = room / width;
  }
  document.body.classList.add("unwrapped");
  const shares = [...document.querySelectorAll("pre")].map((code) => {
    const { paddingLeft, paddingRight } = getComputedStyle(code);
    const frame = parseFloat(paddingLeft) + parseFloat(paddingRight) + 2;
    return [code, (code.parentElement.clientWidth - frame) / (code.offsetWidth - frame)];
  });
  document.body.classList.remove("unwrapped");
  for (const [code, share] of shares) if (share < 1) code.style.fontSize = `${Math.max(0.99 * share, 0.72)}em`;
}

async function typeset() {
  window.MathJax = { options: { enableMenu: false, processHtmlClass: "math" } };
  document.head.append(element("script", { src: "/_static/mathjax/tex-chtml.js" }));
  while (!window.MathJax.startup?.promise) await new Promise((done) => setTimeout(done, 50));
  await window.MathJax.startup.promise;
  await document.fonts.ready;
  for (const code of document.querySelectorAll(".cell_input, .cell_output .output, .highlight")) {
    if (code.offsetHeight < 320) code.style.breakInside = "avoid";      // a third of a page
  }
  fit();
}

// What is still wider than the page or than its own box, as texts: nothing may be.
function wide() {
  const edge = document.documentElement.clientWidth + 1;
  const boxes = "pre, table, div.math, mjx-container[display]";
  return [...document.querySelectorAll(`${boxes}, mjx-container, img, p, li, dt, dd`)]
    .filter((tag) => tag.getBoundingClientRect().right > edge || (tag.matches(boxes) && tag.scrollWidth > tag.clientWidth + 1))
    .map((tag) => `${tag.closest("section[id]")?.id}: ${tag.localName} ${tag.textContent.trim().slice(0, 60)}`);
}

function number(pages) {
  for (const link of document.querySelectorAll(".book-contents a")) {
    link.querySelector(".number").textContent = pages[link.getAttribute("href").slice(1)];
  }
}
