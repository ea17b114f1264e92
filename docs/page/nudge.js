// A garment that no network has seen, moved by hand; the networks' workers say how their answers move.
function nudgeTools(part, make, augment, words, film) {
  "use strict";

  const canvas = part("garment");
  const zoom = canvas.width / augment.SIDE;
  const controls = {};
  const SLIDERS = { right: ["move right", "pixel", 4, 0.5], down: ["move down", "pixel", 4, 0.5], turn: ["turn", "degree", 15, 1] };
  let garments = null;
  let order = [];
  let place = 0;
  let garment = 0;
  let networks = [];

  for (const [name, [label, unit, most, step]] of Object.entries(SLIDERS)) {
    const value = make("span", { "aria-hidden": "true" });
    const input = make("input", { type: "range", min: -most, max: most, step, value: 0, id: `page-${name}`, "aria-label": label });
    controls[name] = { input, value, unit };
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
    for (const { input, value, unit } of Object.values(controls)) {
      const amount = words.counted(input.value, unit);
      value.textContent = amount.replace("-", "\u2212");
      input.setAttribute("aria-valuetext", amount);
    }
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

  function showAnswers() {
    const turned = ({ answers, nudged }) => nudged.filter((p, i) => words.changed(p, answers[i])).length / nudged.length;
    const shares = Object.fromEntries(networks.map((network) => [network.method, turned(network)]));
    const rows = networks.map(({ method, answers, nudged }) => {
      const title = make("th", { scope: "row", class: film.colourOf(method) }, words.name(method));
      const differs = words.changed(nudged[garment], answers[garment]);
      const before = make("td", {}, words.answer(answers[garment]));
      const after = make("td", differs ? { class: "turned" } : {}, words.answer(nudged[garment]));
      return make("tr", {}, title, before, after, make("td", {}, words.percent(shares[method])));
    });
    const titles = ["", "as it is", "nudged", "changed"].map((text) => make("th", { scope: "col" }, text));
    part("answers").replaceChildren(make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...rows));
    part("turned").textContent = words.least(shares);
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

  // New pullovers that all networks get right as they are, those first whose mirror image divides the networks.
  function pullovers() {
    const all = networks[0].answers.map((_, i) => i).filter((i) => garments.freshLabels[i] === 0);
    const right = all.filter((i) => networks.every(({ answers }) => answers[i] < 0.5));
    const divides = (i) => networks.some(({ mirrored }) => words.changed(mirrored[i], networks[0].mirrored[i]));
    return (right.length ? right : all).sort((a, b) => divides(b) - divides(a));
  }

  function start(given, trained) {
    garments = given;
    networks = trained;
    order = pullovers();
    place = 0;
    garment = order[0];
    set({ mirror: true });
  }

  return { start, answered };
}
