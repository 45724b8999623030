/* Interactive figures. A figure's picture stays until the figure comes into view; then its script and the weights of the
   chosen framework are loaded, as scripts, since a page that was opened as a file may fetch nothing. */
window.bookFigures = (() => {
  const folder = new URL("figures/", document.currentScript.src);
  const frameworks = { torch: "PyTorch", tensorflow: "TensorFlow" };
  const figures = { files: {}, builders: {} };

  // Loading

  const loading = {};
  const load = (file) => loading[file] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = resolve;
    script.onerror = () => { delete loading[file]; reject(new Error(file)); };
    script.src = new URL(file, folder);
    document.head.append(script);
  });

  /** The framework that the tabs of the page show. */
  function chosen() {
    const input = [...document.querySelectorAll(".framework-tabs > input")].find((tab) => tab.checked);
    return input?.nextElementSibling.dataset.syncId === "tensorflow" ? "tensorflow" : "torch";
  }

  // The weights: a safetensors file is the length of a header in JSON, the header, and the numbers.

  function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const start = 8 + new DataView(bytes.buffer).getUint32(0, true);
    const { __metadata__: { figure }, ...header } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    const types = { F32: Float32Array, I8: Int8Array, U8: Uint8Array };
    const arrays = {};
    for (const [name, { dtype, data_offsets: [from, to] }] of Object.entries(header)) {
      arrays[name] = new types[dtype](bytes.buffer.slice(start + from, start + to));
    }
    return { arrays, ...JSON.parse(figure) };
  }

  const activations = {
    linear: (a) => a,
    relu: (a) => Math.max(a, 0),
    tanh: Math.tanh,
    sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  };

  /** One fully connected layer, h -> f(h W + b). */
  function layer({ arrays }, [name, activation]) {
    const bias = arrays[`${name}.bias`], scale = arrays[`${name}.weight.scale`], f = activations[activation];
    const weight = Float32Array.from(arrays[`${name}.weight`], scale ? (w, i) => w * scale[i % bias.length] : (w) => w);
    return (h) => {
      const out = Float64Array.from(bias);
      for (let i = 0, at = 0; i < h.length; i += 1, at += out.length) {
        if (h[i] !== 0) for (let j = 0; j < out.length; j += 1) out[j] += h[i] * weight[at + j];
      }
      return out.map(f);
    };
  }

  /** A file's numbers, and a function for each part of the network that it holds. */
  function read(text) {
    const model = unpack(text);
    for (const [part, names] of Object.entries(model.layers)) {
      const layers = names.map((name) => layer(model, name));
      model[part === "encoder" ? "encode" : "decode"] = (x) => layers.reduce((h, apply) => apply(h), x);
    }
    return model;
  }

  // What all figures draw with

  /** Makes an element: make("p", { className: "note", "aria-live": "polite" }, "text", another, ...). */
  figures.make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "role" || name.includes("-")) element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children);
    return element;
  };

  /** A pen for a canvas, in units of its size on the page, sharp on any screen. */
  figures.pen = (canvas) => {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(canvas.width / width, canvas.height / height);
    return { pen, width, height };
  };

  /** Draws an image of 28 x 28, 0 white and 1 black, into a canvas of that size; CSS enlarges it. */
  figures.picture = (canvas, pixels) => {
    const pen = canvas.getContext("2d"), image = pen.createImageData(28, 28);
    pixels.forEach((value, i) => {
      image.data.fill(Math.round(255 * (1 - value)), 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    });
    pen.putImageData(image, 0, 0);
  };

  /** A color of the theme. */
  figures.color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--pst-color-${name}`).trim();

  /** A region that is read aloud, at most once for what changes within a second. */
  figures.speaker = () => {
    const region = figures.make("p", { className: "visually-hidden", "aria-live": "polite" });
    let timer;
    region.say = (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => { region.textContent = text; }, 800);
    };
    return region;
  };

  /** Numbers with a true minus sign, all of the same width. */
  figures.number = (value, digits = 2) => value.toFixed(digits).replace("-", "\u2212");

  // The life of a figure

  async function start(figure) {
    const name = [...figure.classList].find((c) => c.startsWith("interactive-")).slice("interactive-".length);
    const source = figures.make("p", { className: "figure-source" });
    let shown, widget;

    async function follow() {
      const framework = chosen();
      if (framework === shown) return;
      shown = framework;
      try {
        await Promise.all([load(`${name}.js`), load(`${name}.${framework}.js`)]);
      } catch {
        shown = undefined;
        source.textContent = "The interactive figure could not be loaded; reload the page to try again.";
        if (!widget) figure.append(source);
        return;
      }
      if (framework !== chosen()) return;
      const file = figures.files[`${name}.${framework}`];
      const model = typeof file === "string" ? read(file) : file;
      figures.files[`${name}.${framework}`] = model;
      if (!widget) {
        const body = figures.make("div", { className: "figure-body" });
        widget = figures.builders[name](body);
        figure.querySelector("img").replaceWith(body);
        figure.append(source);
        new ResizeObserver(() => widget.draw()).observe(body);
      }
      source.textContent = `Computed in your browser with the weights that ${frameworks[framework]} trained here.`;
      figure.dataset.framework = framework;
      widget.show(model);
    }

    document.addEventListener("change", () => setTimeout(follow), true);    // the header's switch sends one that stays
    new MutationObserver(() => widget?.draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    await follow();
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        observer.unobserve(target);
        start(target);
      }
    }
  }, { rootMargin: "200px" });
  for (const figure of document.querySelectorAll("figure.interactive")) observer.observe(figure);
  return figures;
})();
