/* Draw a digit: what an autoencoder makes of it, and whether its error is larger than usual. */

/** What each of m equal pieces of n pixels takes of them, as [first pixel, weights] of a mean. */
bookFigures.shares = (n, m) => Array.from({ length: m }, (_, k) => {
  const from = k * n / m, to = (k + 1) * n / m, first = Math.floor(from), weights = [];
  for (let i = first; i < Math.min(n, Math.ceil(to)); i += 1) {
    weights.push((Math.min(to, i + 1) - Math.max(from, i)) * m / n);
  }
  return [first, weights];
});

/** A drawing of size x size, 0 for paper and 1 for ink, as MNIST has its digits: 20 pixels long, centered by mass in
    28 x 28. An empty one gives null. */
bookFigures.prepare = (ink, size) => {
  let left = size, right = -1, top = size, bottom = -1;
  for (let i = 0; i < ink.length; i += 1) {
    if (ink[i] > 0) {
      const x = i % size, y = (i - x) / size;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return null;
  const height = bottom - top + 1, width = right - left + 1, longest = Math.max(height, width);
  const h = Math.max(1, Math.floor(20 * height / longest + 0.5)), w = Math.max(1, Math.floor(20 * width / longest + 0.5));
  const columns = bookFigures.shares(width, w), small = [];
  let mass = 0, down = 0, across = 0;
  for (const [row, [first, weights]] of bookFigures.shares(height, h).entries()) {
    const line = new Float64Array(width);
    weights.forEach((weight, i) => {
      const start = (top + first + i) * size + left;
      for (let x = 0; x < width; x += 1) line[x] += weight * ink[start + x];
    });
    small.push(columns.map(([from, shares]) => shares.reduce((sum, share, i) => sum + share * line[from + i], 0)));
    small[row].forEach((value, column) => {
      mass += value;
      down += value * (row + 0.5);
      across += value * (column + 0.5);
    });
  }
  const place = (center, side) => Math.min(28 - side, Math.max(0, Math.floor(15 - center)));
  const y = place(down / mass, h), x = place(across / mass, w), out = new Float64Array(784);
  small.forEach((line, row) => out.set(line, 28 * (y + row) + x));
  return out;
};

bookFigures.builders["draw-a-digit"] = (body) => {
  const { make, pen, picture, color, number } = bookFigures;
  const size = 560, width = 46;                 // of the paper and of the pen: 20 for a pixel of MNIST's
  let model, loaded, at = [size / 2, size / 2], down = false, waiting = false;

  const help = make("p", { id: "draw-a-digit-help", className: "figure-help" },
                    "Draw with mouse or finger. By keyboard: Space puts the pen down or lifts it, arrow keys move it, "
                    + "with Shift by smaller steps; Delete clears the paper.");
  const paper = make("canvas", { className: "paper", width: size, height: size, tabIndex: 0, role: "application",
                                 "aria-label": "Paper to draw on", "aria-describedby": help.id });
  const ink = paper.getContext("2d", { willReadFrequently: true });
  const mark = make("span", { className: "pen", "aria-hidden": "true" });
  const clear = make("button", { type: "button" }, "Clear");
  const examples = make("div", { className: "figure-examples", role: "group", "aria-label": "Examples" });
  const images = ["what the network gets", "what it decodes"].map((label) => {
    const canvas = make("canvas", { className: "digit", width: 28, height: 28, role: "img", "aria-label": label });
    return { canvas, item: make("div", { className: "figure-item" }, canvas, make("span", { "aria-hidden": "true" }, label)) };
  });
  const code = make("canvas", { className: "code", role: "img" });
  const histogram = make("canvas", { className: "errors", role: "img" });
  const told = make("p", { className: "figure-told" });
  const speaker = bookFigures.speaker();
  body.classList.add("draw-a-digit");
  body.append(
    make("div", { className: "paper-side" }, make("div", { className: "paper-frame" }, paper, mark),
         make("div", { className: "figure-examples-row" }, clear, examples), help),
    make("div", { className: "result-side" },
         make("div", { className: "figure-pair" }, ...images.map(({ item }) => item)),
         make("div", { className: "figure-item" }, code, make("span", { "aria-hidden": "true" }, "the code: 32 numbers")),
         make("div", { className: "figure-item" }, histogram,
              make("span", { "aria-hidden": "true" }, "squared error, among those of the test digits")),
         told, speaker));

  // From the paper to the verdict

  /** How many in a hundred test digits have a smaller error. */
  function percent(error) {
    const quantiles = model.arrays["examples.quantiles"];
    let smaller = 0;
    while (smaller < quantiles.length && quantiles[smaller] < error) smaller += 1;
    return smaller === quantiles.length ? 100 : Math.floor(100 * smaller / quantiles.length);
  }

  function verdict(error) {
    if (error === null) return "The paper is empty: draw a digit, or load an example.";
    const rank = percent(error), alarm = error > model.limit;
    const among = rank === 100 ? "larger than that of every test digit"
      : rank === 0 ? "smaller than that of 99 percent of the test digits"
        : `larger than that of ${rank} percent of the test digits`;
    return `${alarm ? "Anomaly" : "No anomaly"}: the error is ${number(error, 1)}, ${among}. `
      + `The limit is ${number(model.limit, 1)}.`;
  }

  function judge() {
    const pixels = ink.getImageData(0, 0, size, size).data;
    const shades = new Float64Array(size * size);
    for (let i = 0; i < shades.length; i += 1) shades[i] = pixels[4 * i + 3] / 255;
    const x = bookFigures.prepare(shades, size);
    const z = x && model.encode(x), decoded = x && model.decode(z);
    const error = x && x.reduce((sum, value, i) => sum + (value - decoded[i]) ** 2, 0);
    return { x, z, decoded, error };
  }

  let result;
  function update() {
    waiting = false;
    if (!model) return;
    result = judge();
    const blank = new Float64Array(784);
    picture(images[0].canvas, result.x ?? blank);
    picture(images[1].canvas, result.decoded ?? blank);
    told.textContent = verdict(result.error);
    told.classList.toggle("alarm", result.error > model.limit);
    speaker.say(`${down ? "Pen down. " : ""}${told.textContent}`);
    draw();
  }

  /** Once before the next picture on the screen, however often the pen moves. */
  function soon() {
    if (!waiting) requestAnimationFrame(update);
    waiting = true;
  }

  // The two diagrams

  function draw() {
    if (!model || !result || !code.clientWidth) return;
    drawCode();
    drawErrors();
  }

  function drawCode() {
    const { pen: context, width: w, height: h } = pen(code), n = model.spec.latent_dim, step = w / n;
    context.fillStyle = color("text-muted");
    context.fillRect(0, Math.round(h / 2), w, 1);
    context.fillStyle = color("primary");
    (result.z ?? []).forEach((value, i) => {
      const bar = Math.min(1, Math.max(-1, value / model.reach)) * h / 2;
      context.fillRect(i * step + 1, h / 2 - Math.max(bar, 0), step - 2, Math.abs(bar));
    });
    code.setAttribute("aria-label", result.z
      ? `The code: 32 numbers from ${number(Math.min(...result.z), 1)} to ${number(Math.max(...result.z), 1)}` : "No code");
  }

  function drawErrors() {
    const { pen: context, width: w, height: h } = pen(histogram);
    const counts = model.arrays["examples.counts"], most = Math.max(...counts), step = w / counts.length, floor = h - 18;
    const across = (error) => error / model.top * w;
    counts.forEach((count, i) => {
      const bar = count / most * (floor - 16);
      context.fillStyle = color((i + 0.5) * step < across(model.limit) ? "border" : "warning");
      context.fillRect(i * step, floor - bar, step - 0.5, bar);
    });
    context.fillStyle = color("text-muted");
    context.fillRect(0, floor, w, 1);
    context.font = "12px sans-serif";
    context.textAlign = "center";
    for (let error = 10; error < model.top; error += 10) context.fillText(error, across(error), h - 3);
    context.fillText("limit", across(model.limit), 11);
    context.strokeStyle = color("text-muted");
    context.lineWidth = 1.5;
    context.setLineDash([2, 4]);
    context.strokeRect(across(model.limit), 16, 0, floor - 16);
    context.setLineDash([]);
    if (result.error !== null) {
      const beyond = result.error > model.top, x = Math.min(w - 12, Math.max(2, across(result.error)));
      context.fillStyle = color("text-base");
      context.fillRect(x - 1.5, 16, 3, floor - 16);
      context.beginPath();
      if (beyond) for (const [i, j] of [[0, 10], [10, 17], [0, 24]]) context.lineTo(x + i + 1, j + 14);
      else for (const [i, j] of [[-6, 7], [6, 7], [0, 17]]) context.lineTo(x + i, j);
      context.fill();
    }
    histogram.setAttribute("aria-label", "Histogram of the test digits' errors, most of them below "
      + `${number(model.limit, 1)}, with this drawing's error marked`);
  }

  // The pen

  function line(from, to) {
    ink.lineCap = "round";
    ink.lineWidth = width;
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(...to);
    ink.stroke();
    soon();
  }

  function hold(place) {
    at = place.map((value) => Math.min(size - width / 2, Math.max(width / 2, value)));
    mark.style.left = `${100 * at[0] / size}%`;
    mark.style.top = `${100 * at[1] / size}%`;
    mark.classList.toggle("down", down);
  }

  function empty() {
    ink.clearRect(0, 0, size, size);
    down = false;
    hold(at);
    soon();
  }

  function load(i) {
    const pixels = model.arrays["examples.pictures"].subarray(784 * i, 784 * (i + 1));
    const small = make("canvas", { width: 28, height: 28 }), image = new ImageData(28, 28);
    pixels.forEach((value, k) => { image.data[4 * k + 3] = value; });
    small.getContext("2d").putImageData(image, 0, 0);
    empty();
    ink.imageSmoothingEnabled = false;
    ink.drawImage(small, 0, 0, size, size);
  }

  function where(event) {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * size, (event.clientY - box.top) / box.height * size];
  }
  paper.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    paper.setPointerCapture(event.pointerId);
    down = false;
    hold(where(event));
    line(at, at);
  });
  paper.addEventListener("pointermove", (event) => {
    if (!paper.hasPointerCapture(event.pointerId)) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const from = at;
      hold(where(move));
      line(from, at);
    }
  });
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  paper.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (steps[event.key]) {
      const from = at, length = event.shiftKey ? 8 : 28;
      hold(from.map((value, axis) => value + length * steps[event.key][axis]));
      if (down) line(from, at);
    } else if (event.key === " ") {
      down = !down;
      hold(at);
      if (down) line(at, at);
      else speaker.say(`Pen up. ${told.textContent}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      empty();
    } else return;
    event.preventDefault();
  });
  clear.addEventListener("click", empty);

  function show(next) {
    model = next;
    if (!loaded) {
      loaded = true;
      examples.append(...model.names.map((name, i) => {
        const canvas = make("canvas", { width: 28, height: 28, "aria-hidden": "true" });
        picture(canvas, [...model.arrays["examples.pictures"].subarray(784 * i, 784 * (i + 1))].map((v) => v / 255));
        const button = make("button", { type: "button", title: name, "aria-label": `Load ${name}` }, canvas);
        button.addEventListener("click", () => load(i));
        return button;
      }));
      hold(at);
      load(0);
    }
    update();
  }
  return { show, draw };
};
