/* The latent plane: a ring to drag over the codes of digits, and the picture that the decoder draws from there. */
bookFigures.builders["latent-plane"] = (body) => {
  const { make, pen, picture, color, number } = bookFigures;
  const reach = 4;                                      // the plane goes from -reach to reach
  const circle = Math.sqrt(-2 * Math.log(0.05));        // of this radius holds 95 percent of the prior
  const near = 15;                                      // points whose digits are counted
  const words = ["zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines"];
  let model, place, single = null, pictures = null;

  const help = make("p", { id: "latent-plane-help", className: "figure-help" },
                    "Drag the ring or click. Arrow keys move it, with Shift by smaller steps; Home brings it back to the middle.");
  const plane = make("canvas", { className: "plane", tabIndex: 0, role: "application",
                                 "aria-label": "Plane of codes", "aria-describedby": help.id });
  const decoded = make("canvas", { className: "digit", width: 28, height: 28, role: "img" });
  const speaker = bookFigures.speaker();
  const told = make("p", { className: "figure-told" });
  const sliders = [1, 2].map((axis) => {
    const slider = make("input", { type: "range", min: -reach, max: reach, step: 0.05, "aria-label": `Code number ${axis}` });
    const value = make("output", { "aria-hidden": "true" });
    slider.addEventListener("input", () => move(sliders.map(({ slider }) => Number(slider.value))));
    return { slider, value, row: make("label", {}, make("span", {}, "z", make("sub", {}, String(axis))), slider, value) };
  });
  const legend = make("div", { className: "figure-legend", role: "group", "aria-label": "Show one digit's points" });
  const mosaic = make("input", { type: "checkbox" });
  mosaic.addEventListener("change", () => draw());
  body.classList.add("latent-plane");
  body.append(
    make("div", { className: "plane-side" }, plane, help),
    make("div", { className: "digit-side" }, decoded,
         make("div", { className: "figure-sliders" }, ...sliders.map(({ row }) => row)), told,
         legend, make("label", { className: "figure-check" }, mosaic, " Decode the whole plane"), speaker));

  // Where things are on the canvas

  const across = (z, size) => (z[0] + reach) / (2 * reach) * size;
  const down = (z, size) => (reach - z[1]) / (2 * reach) * size;
  const inside = (value) => Math.min(reach, Math.max(-reach, value));
  const code = (i) => [model.arrays["examples.codes"][2 * i], model.arrays["examples.codes"][2 * i + 1]];

  /** How many of the nearest points are of the most frequent digit there. */
  function neighbors() {
    const labels = [...model.arrays["examples.labels"]];
    const far = labels.map((label, i) => [Math.hypot(code(i)[0] - place[0], code(i)[1] - place[1]), label]);
    const counts = words.map(() => 0);
    for (const [, label] of far.sort((a, b) => a[0] - b[0]).slice(0, near)) counts[label] += 1;
    const most = Math.max(...counts);
    return [most, counts.indexOf(most)];
  }

  /** The pictures that the decoder draws all over the plane, as one. */
  function landscape() {
    const n = 18, all = make("canvas", { width: 28 * n, height: 28 * n });
    const context = all.getContext("2d"), tile = make("canvas", { width: 28, height: 28 });
    for (let row = 0; row < n; row += 1) {
      for (let column = 0; column < n; column += 1) {
        const z = [column, n - 1 - row].map((k) => ((2 * k + 1) / n - 1) * reach);
        picture(tile, model.decode(z));
        context.drawImage(tile, 28 * column, 28 * row);
      }
    }
    return all;
  }

  function draw() {
    if (!model || !plane.clientWidth) return;
    const { pen: context, width } = pen(plane);
    const text = color("text-base"), paper = color("background"), faint = color("border");
    const labels = model.arrays["examples.labels"];
    if (mosaic.checked) {
      pictures ??= landscape();
      context.drawImage(pictures, 0, 0, width, width);
    } else {
      context.fillStyle = faint;
      for (let k = 1 - reach; k < reach; k += 1) {
        context.fillRect(0, Math.round(down([0, k], width)), width, k === 0 ? 2 : 1);
        context.fillRect(Math.round(across([k, 0], width)), 0, k === 0 ? 2 : 1, width);
      }
      context.fillStyle = color("text-muted");
      context.font = "italic 15px serif";
      context.fillText("z\u2081", width - 20, width / 2 - 8);
      context.fillText("z\u2082", width / 2 + 8, 16);
    }
    const radius = Math.max(1.7, width / 190);
    if (!mosaic.checked || single !== null) {
      for (const i of labels.keys()) {
        const digit = labels[i], chosen = single === null || digit === single;
        if (mosaic.checked && !chosen) continue;
        context.globalAlpha = chosen ? 0.85 : 0.13;
        context.fillStyle = model.colors[digit];
        context.beginPath();
        context.arc(across(code(i), width), down(code(i), width), radius, 0, 2 * Math.PI);
        context.fill();
      }
    }
    context.globalAlpha = 1;
    context.strokeStyle = mosaic.checked ? "#000" : text;
    context.lineWidth = 1.5;
    context.setLineDash([2, 4]);
    context.beginPath();
    context.arc(width / 2, width / 2, circle / (2 * reach) * width, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
    context.font = `600 ${Math.max(11, width / 30)}px sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (!mosaic.checked) {
      for (const [digit, z] of model.middles.entries()) {
        if (single !== null && digit !== single) continue;
        const size = Math.max(9, width / 42);
        context.beginPath();
        context.arc(across(z, width), down(z, width), size, 0, 2 * Math.PI);
        context.fillStyle = paper;
        context.fill();
        context.strokeStyle = model.colors[digit];
        context.lineWidth = 2;
        context.stroke();
        context.fillStyle = text;
        context.fillText(digit, across(z, width), down(z, width) + 1);
      }
    }
    for (const [style, line] of [["#fff", 7], ["#000", 3]]) {     // seen on any ground
      context.strokeStyle = style;
      context.lineWidth = line;
      context.beginPath();
      context.arc(across(place, width), down(place, width), Math.max(9, width / 40), 0, 2 * Math.PI);
      context.stroke();
    }
  }

  function move(z) {
    place = z.map(inside);
    const pixels = model.decode(place), [most, digit] = neighbors();
    picture(decoded, pixels);
    sliders.forEach(({ slider, value }, axis) => {
      slider.value = place[axis];
      value.textContent = number(place[axis]);
    });
    const around = `Of the ${near} nearest points, ${most} are ${words[digit]}.`;
    told.textContent = around;
    decoded.setAttribute("aria-label", `What the decoder draws at code ${number(place[0])}, ${number(place[1])}`);
    speaker.say(`Code ${number(place[0])}, ${number(place[1])}. ${around}`);
    draw();
  }

  function show(next) {
    model = next;
    pictures = null;
    if (!legend.children.length) {
      legend.append(...model.colors.map((hue, digit) => {
        const button = make("button", { type: "button", "aria-pressed": "false", "aria-label": words[digit] },
                            make("span", { style: `background: ${hue}` }), String(digit));
        button.addEventListener("click", () => {
          single = single === digit ? null : digit;
          [...legend.children].forEach((other, i) => other.setAttribute("aria-pressed", String(i === single)));
          draw();
        });
        return button;
      }));
    }
    move(place ?? model.start);
  }

  // Mouse and finger, keyboard

  function point(event) {
    const { left, top, width, height } = plane.getBoundingClientRect();
    move([(event.clientX - left) / width * 2 * reach - reach, reach - (event.clientY - top) / height * 2 * reach]);
  }
  plane.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plane.setPointerCapture(event.pointerId);
    point(event);
  });
  plane.addEventListener("pointermove", (event) => {
    if (plane.hasPointerCapture(event.pointerId)) point(event);
  });
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const length = event.shiftKey ? 0.02 : 0.1;
    if (steps[event.key]) move(place.map((z, axis) => z + length * steps[event.key][axis]));
    else if (event.key === "Home") move([0, 0]);
    else return;
    event.preventDefault();
  });

  return { show, draw };
};
