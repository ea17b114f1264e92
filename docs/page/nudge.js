// A garment that no network has seen, moved by hand; the networks' workers say how their answers move.
function nudgeTools(part, make, augment, words, film) {
  "use strict";

  const COUNT = 100; // garments whose answers are counted
  const canvas = part("garment");
  const zoom = canvas.width / augment.SIDE;
  const controls = {};
  const SLIDERS = { right: ["moved right, in pixels", 4, 0.5], down: ["moved down, in pixels", 4, 0.5], turn: ["turned, in degrees", 15, 1] }; // prettier-ignore
  let garments = null;
  let order = [];
  let place = 0;
  let garment = 0;
  let networks = [];

  for (const [name, [label, most, step]] of Object.entries(SLIDERS)) {
    const value = make("output", {}, "0");
    const input = make("input", { type: "range", min: -most, max: most, step, value: 0, id: `page-${name}` });
    controls[name] = { input, value };
    part("controls").append(make("label", {}, label, " ", value, input));
  }
  const mirror = make("input", { type: "checkbox", id: "page-mirror" });
  const back = make("button", { type: "button" }, "Put it back");
  const next = make("button", { type: "button" }, "Another pullover");
  part("controls").append(make("label", { class: "tick" }, mirror, " mirrored"), make("div", { class: "side" }, back, next));

  function set(name, value) {
    const { input } = controls[name];
    input.value = value;
  }

  const amount = (name) => Number(controls[name].input.value);

  // The grid is moved, so the picture goes the other way; a mirrored one would go the other way once more.
  function change() {
    const sideways = (mirror.checked ? 1 : -1) * amount("right");
    const shifts = { shiftX: sideways / augment.SIDE, shiftY: -amount("down") / augment.SIDE };
    return { ...augment.unchanged(), ...shifts, rotation: -amount("turn"), mirror: mirror.checked };
  }

  function renew() {
    for (const { input, value } of Object.values(controls)) value.textContent = input.value.replace("-", "\u2212");
    const moved = new Float32Array(augment.SIDE ** 2);
    augment.apply(garments.fresh, garment, change(), moved, 0);
    film.paint(canvas, moved, 0, zoom);
    canvas.setAttribute("aria-label", "A pullover that no network has seen, as you moved it.");
    networks.forEach(ask);
  }

  // One question at a time: while a worker is busy, only the last change is kept.
  function ask(network) {
    network.stale = network.busy;
    if (network.busy) return;
    network.busy = true;
    network.send({ nudge: change(), garment, count: COUNT });
  }

  function answered(network, nudged) {
    network.busy = false;
    network.nudged = nudged;
    if (network.stale) ask(network);
    if (networks.some((other) => other.busy)) return;
    showAnswers();
  }

  function showAnswers() {
    const head = ["", "as it is", "as you moved it"].map((text) => make("th", { scope: "col" }, text));
    const rows = networks.map(({ arm, nudged }) => {
      const turned = words.changed(nudged.before, nudged.after);
      const after = make("td", turned ? { class: "turned" } : {}, words.answer(nudged.after) + (turned ? ", changed" : ""));
      const name = make("th", { scope: "row", class: film.colourOf(arm) }, words.name(arm));
      return make("tr", {}, name, make("td", {}, words.answer(nudged.before)), after);
    });
    part("answers").replaceChildren(make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
    const counts = Object.fromEntries(networks.map(({ arm, nudged }) => [arm, nudged.turned]));
    part("turned").textContent = words.turned(counts, COUNT);
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held = { x: event.clientX, y: event.clientY, right: amount("right"), down: amount("down") };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const pixel = canvas.clientWidth / augment.SIDE;
    set("right", held.right + (event.clientX - held.x) / pixel);
    set("down", held.down + (event.clientY - held.y) / pixel);
    renew();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (held = null));
  for (const { input } of Object.values(controls)) input.addEventListener("input", renew);
  mirror.addEventListener("input", renew);
  back.addEventListener("click", () => {
    Object.keys(SLIDERS).forEach((name) => set(name, 0));
    mirror.checked = false;
    renew();
  });
  next.addEventListener("click", () => {
    place = (place + 1) % order.length;
    garment = order[place];
    renew();
  });

  // New pullovers that all networks get right, the one that they are least sure of first; all where there is none
  function pullovers() {
    const all = Array.from({ length: COUNT }, (_, i) => i).filter((i) => garments.freshLabels[i] === 0);
    const right = all.filter((i) => networks.every(({ answers }) => answers[i] < 0.5));
    const doubt = (i) => networks.reduce((sum, { answers }) => sum + answers[i], 0);
    return (right.length ? right : all).sort((a, b) => doubt(b) - doubt(a));
  }

  function start(given, trained) {
    garments = given;
    networks = trained;
    order = pullovers();
    place = 0;
    garment = order[0];
    renew();
  }

  return { start, answered };
}
