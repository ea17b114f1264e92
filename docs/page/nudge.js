// A garment that no network has seen, moved by hand; the networks' workers say how their answers move.
function nudgeTools(part, make, augment, words, film) {
  "use strict";

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
    const value = make("span", { "aria-hidden": "true" }, "0");
    const input = make("input", { type: "range", min: -most, max: most, step, value: 0, id: `page-${name}`, "aria-label": label });
    controls[name] = { input, value };
    part("controls").append(make("label", {}, label, " ", value, input));
  }
  const mirror = make("input", { type: "checkbox", id: "page-mirror" });
  const back = make("button", { type: "button" }, "Put it back");
  const next = make("button", { type: "button" }, "Another pullover");
  part("controls").append(make("label", { class: "tick" }, mirror, " mirrored"), make("div", { class: "side" }, back, next));

  function set({ right = 0, down = 0, turn = 0, mirror: mirrored = false }) {
    for (const [name, value] of Object.entries({ right, down, turn })) controls[name].input.value = value;
    mirror.checked = mirrored;
    renew();
  }

  const amount = (name) => Number(controls[name].input.value);
  const nudge = () => ({ right: amount("right"), down: amount("down"), turn: amount("turn"), mirror: mirror.checked });

  function renew() {
    for (const { input, value } of Object.values(controls)) value.textContent = input.value.replace("-", "\u2212");
    const moved = new Float32Array(augment.SIDE ** 2);
    augment.apply(garments.fresh, garment, augment.nudged(nudge()), moved, 0);
    film.paint(canvas, moved, 0, zoom);
    canvas.setAttribute("aria-label", `A pullover that no network was shown, ${words.nudged(nudge())}.`);
    networks.forEach(ask);
  }

  // One question at a time: while a worker is busy, only the last change is kept.
  function ask(network) {
    network.stale = network.busy;
    if (network.busy) return;
    network.busy = true;
    network.send({ nudge: nudge() });
  }

  function answered(network, nudged) {
    network.busy = false;
    network.nudged = nudged;
    if (network.stale) ask(network);
    if (networks.some((other) => other.busy)) return;
    showAnswers();
  }

  function table(name, head, rows) {
    const titles = ["", ...head].map((text) => make("th", { scope: "col" }, text));
    const body = networks.map((network) => {
      const title = make("th", { scope: "row", class: film.colourOf(network.arm) }, words.name(network.arm));
      return make("tr", {}, title, ...rows(network));
    });
    part(name).replaceChildren(make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...body));
  }

  const turned = ({ answers }, after) => after.filter((p, i) => words.changed(p, answers[i])).length;

  function showAnswers() {
    table("answers", ["as it is", "as you moved it"], ({ answers, nudged }) => {
      const [before, after] = [answers[garment], nudged[garment]];
      const differs = words.changed(before, after);
      const cell = make("td", differs ? { class: "turned" } : {}, words.answer(after) + (differs ? ", changed" : ""));
      return [make("td", {}, words.answer(before)), cell];
    });
    const counts = networks.map((network) => [network.arm, turned(network, network.nudged)]);
    part("turned").textContent = words.turned(Object.fromEntries(counts));
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held = { x: event.clientX, y: event.clientY, ...nudge() };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const pixel = canvas.clientWidth / augment.SIDE;
    set({ ...nudge(), right: held.right + (event.clientX - held.x) / pixel, down: held.down + (event.clientY - held.y) / pixel });
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (held = null));
  for (const { input } of Object.values(controls)) input.addEventListener("input", renew);
  mirror.addEventListener("input", renew);
  back.addEventListener("click", () => set({}));
  next.addEventListener("click", () => {
    place = (place + 1) % order.length;
    garment = order[place];
    renew();
  });

  // New pullovers that all networks get right as they are, those first on which the table's nudges divide the networks.
  function pullovers() {
    const all = networks[0].answers.map((_, i) => i).filter((i) => garments.freshLabels[i] === 0);
    const right = all.filter((i) => networks.every(({ answers }) => answers[i] < 0.5));
    const divides = (i, k) => networks.some(({ table }) => words.changed(table[k][i], networks[0].table[k][i]));
    const times = (i) => augment.NUDGES.filter((_, k) => divides(i, k)).length;
    return (right.length ? right : all).sort((a, b) => times(b) - times(a));
  }

  function start(given, trained) {
    garments = given;
    networks = trained;
    order = pullovers();
    place = 0;
    garment = order[0];
    const counts = (network) => network.table.map((after) => make("td", {}, turned(network, after)));
    table("changes", augment.NUDGES.map(words.nudged), counts);
    set({});
  }

  return { start, answered };
}
