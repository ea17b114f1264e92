// The page: films, guess, training, reveal, nudge, link, settings. What it shows is computed in the other files.
(function () {
  "use strict";

  const part = (name) => document.getElementById(`page-${name}`);
  if (!window.pageGarments || !document.getElementById("page")) return;

  const random = randomTools();
  const augment = augmentTools();
  const schedule = scheduleTools(random);
  const training = trainingTools(random, augment, networkTools(), schedule);
  const words = wordsTools();
  const film = filmTools(augment, schedule, training, words);
  const options = settingsTools(words);
  const chart = chartTools(part("chart"), words, film.colourOf);
  const nudge = nudgeTools(part, make, augment, words, film);

  const FILM_GARMENT = 40; // a pullover with letters on it, so that a mirror is seen

  const linked = options.read(location.hash);
  // Nobody chose the seed: each visit has another, and the link carries it.
  let settings = linked ? linked.settings : { ...options.FIRST, seed: 1 + Math.floor(Math.random() * 9999) };
  let garments = null;
  let networks = []; // of the run: {method, points, scores, worker}
  let trained = null; // their settings; a change makes new ones
  let past = [];
  let sender = linked ? options.sent(linked) : ""; // what comes with a link, until it is shown
  let shown = false; // whether the run of these settings is on the screen

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // Garments: bytes as base64, which a page that is opened as a file may read

  function pictures(text) {
    const bytes = atob(text);
    const values = new Float32Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) values[i] = bytes.charCodeAt(i) / 255;
    return values;
  }

  const labelsOf = (text) => Float32Array.from(text, Number);

  function load() {
    const { images, labels, fresh, freshLabels } = window.pageGarments;
    garments = {
      images: pictures(images),
      labels: labelsOf(labels),
      fresh: pictures(fresh),
      freshLabels: labelsOf(freshLabels),
    };
  }

  // The films

  let films = [];
  let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let epoch = film.FRAMES;

  function showFilms() {
    films = ["none", "copies-1", "live"].map((method) => film.film(method, garments.images, FILM_GARMENT, settings.strength));
    part("films").replaceChildren(...films.map(({ figure }) => figure));
    films.forEach(({ show }) => show(epoch));
    part("opening").textContent = words.opening(settings);
  }

  function step() {
    if (paused || document.hidden) return;
    epoch += 1;
    films.forEach(({ show }) => show(epoch));
  }

  function namePause() {
    part("pause").textContent = paused ? "Move the films" : "Pause the films";
  }

  part("pause").addEventListener("click", () => {
    paused = !paused;
    namePause();
  });

  // The guess

  function showGuesses() {
    const buttons = settings.methods.map((method) => {
      const input = make("input", { type: "radio", name: "guess", value: method, id: `page-guess-${method}` });
      input.checked = settings.guess === method;
      input.addEventListener("change", () => {
        settings.guess = method;
        say("");
      });
      return make("label", { class: film.colourOf(method) }, input, words.capital(words.name(method)));
    });
    part("guesses").replaceChildren(...buttons);
  }

  const say = (...lines) => part("said").replaceChildren(...lines.filter(Boolean).map((line) => make("p", {}, line)));

  // Training

  part("guess").addEventListener("submit", (event) => {
    event.preventDefault();
    if (networks.some(({ worker, scores, failed }) => worker && !scores && !failed)) return stop();
    if (settings.guess === null) return say("Guess first: tap one of them.");
    train();
  });

  function stop() {
    for (const { worker } of networks) worker.stop();
    networks = [];
    part("train").textContent = "Train";
    say("Stopped.");
  }

  function train() {
    if (networks.length && comparable(trained, settings)) past.push(...networks.map(({ method, points }) => ({ method, points })));
    for (const { worker } of networks) worker.stop();
    for (const name of ["reveal", "nudge", "share"]) part(name).hidden = true;
    if (shown) settings.seed = (settings.seed % 9999) + 1; // with the same one all would come out the same
    shown = false;
    showSettings();
    trained = settings;
    const run = { ...settings, methods: [...settings.methods] };
    networks = run.methods.map((method) => ({ method, points: [] }));
    part("train").textContent = "Stop";
    say(`Training ${networks.length} networks.`);
    part("chart").scrollIntoView({ block: "nearest" });
    for (const network of networks) {
      try {
        network.worker = startWorker(options.task(run, network.method, garments), (message) => hear(network, message, run));
      } catch (error) {
        network.worker = { send: () => {}, stop: () => {} };
        hear(network, { failed: error.message }, run);
      }
      Object.assign(network, { send: network.worker.send });
    }
    draw(run);
  }

  function draw({ updates }) {
    const runs = networks.map(({ method, points }) => ({ method, points }));
    chart.show({ runs, past, updates });
    const ends = runs.filter(({ points }) => points.length).map(({ method, points }) => `${words.name(method)} ${words.percent(points.at(-1)[1])}`);
    const ended = runs.every(({ points }) => points.length && points.at(-1)[0] === updates);
    const what = ends.length ? `${ended ? "in the end" : "so far"} ${words.list(ends)}` : "empty axes";
    part("chart").setAttribute("aria-label", `Accuracy on the originals against updates: ${what}.`);
  }

  function hear(network, message, run) {
    if (!networks.includes(network)) return; // of an earlier run
    if (message.failed) {
      network.failed = message.failed;
      say(`${words.capital(words.name(network.method))} could not be trained: ${message.failed}. Press Train to try again.`);
    }
    if (message.nudged) nudge.answered(network, message.nudged);
    if ("accuracy" in message) {
      network.points.push([message.update, message.accuracy]);
      draw(run);
    }
    if (message.scores) Object.assign(network, message);
    if (networks.every(({ scores, failed }) => scores || failed)) finish(run);
  }

  // The reveal

  // Once all have ended; a comparison needs all of them.
  function finish(run) {
    part("train").textContent = "Train again";
    if (networks.every(({ scores }) => scores) && part("reveal").hidden) reveal(run);
  }

  function reveal(run) {
    const results = Object.fromEntries(networks.map(({ method, scores }) => [method, scores]));
    shown = trained === settings;
    say(words.verdict(run.guess, results), sender);
    sender = "";
    const stored = options.isFirst(run);
    for (const name of ["twenty", "stored"]) part(name).hidden = !stored;
    part("learned").textContent = run.methods.map((method) => words.learned(method, results[method])).join(" ");
    part("worst").textContent = words.worst(results, "fresh");
    showScores(run.methods, results);
    for (const name of ["reveal", "nudge"]) part(name).hidden = false;
    // The address of a file leads nobody else here, and so the link leads to where the page is published, if it is.
    const home = location.protocol === "file:" ? window.pageAddress || "" : location.href.replace(/#.*$/, "");
    part("share").hidden = home === "";
    part("chart").scrollIntoView({ block: "nearest" }); // the verdict may have moved it
    nudge.start(garments, networks);
    part("link").value = home + options.write(run, results);
  }

  function showScores(methods, results) {
    const head = ["", "what it was shown", "the originals", "new garments"];
    const cells = (method) => ["shown", "own", "fresh"].map((which) => bar(results[method][which].accuracy));
    const rows = methods.map((method) => {
      const name = make("th", { scope: "row", class: film.colourOf(method) }, words.name(method));
      return make("tr", { class: film.colourOf(method) }, name, ...cells(method));
    });
    const titles = head.map((text) => make("th", { scope: "col" }, text));
    part("scores").replaceChildren(make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...rows));
  }

  function bar(accuracy) {
    const filled = make("span", { class: "bar" });
    filled.style.width = `${Math.max(0, 200 * (accuracy - 0.5))}%`;
    return make("td", {}, words.percent(accuracy), make("span", { class: "track" }, filled));
  }

  // The link

  part("copy").addEventListener("click", async () => {
    part("link").select();
    try {
      await navigator.clipboard.writeText(part("link").value);
      say("The link is copied.");
    } catch {
      say("The link is selected: copy it with your keyboard.");
    }
  });

  // The settings

  const LABELS = { n: "garments", strength: "strength of the changes", updates: "updates (batches of 32)" };

  const comparable = (one, other) => Object.keys(LABELS).every((name) => one[name] === other[name]);

  function showSettings() {
    const fields = Object.entries(LABELS).map(([name, label]) => {
      const choices = options.CHOICES[name].map((value) => make("option", { value }, value.toLocaleString("en-US")));
      const select = make("select", { name, id: `page-set-${name}` }, ...choices);
      select.value = settings[name];
      return make("label", {}, label, select);
    });
    const seed = make("input", { type: "number", name: "seed", min: 1, max: 9999, value: settings.seed });
    const ticks = options.CHOICES.methods.map((method) => {
      const input = make("input", { type: "checkbox", name: "methods", value: method });
      input.checked = settings.methods.includes(method);
      return make("label", { class: "tick" }, input, " ", words.name(method));
    });
    const choice = make("fieldset", {}, make("legend", {}, "methods"), make("div", { class: "side" }, ...ticks));
    const warning = make("p", { class: "small" }, words.TRAIN_ON);
    part("settings").replaceChildren(...fields, make("label", {}, "seed (fixes all chance)", seed), choice, warning);
  }

  part("settings").addEventListener("submit", (event) => event.preventDefault());
  part("settings").addEventListener("change", () => {
    const form = new FormData(part("settings"));
    const given = new URLSearchParams({ seed: form.get("seed") });
    for (const name of Object.keys(LABELS)) given.set(name, form.get(name));
    for (const method of form.getAll("methods")) given.set(method, "");
    const { settings: read } = options.read(`#${given}`);
    if (!comparable(read, settings)) past = [];
    shown = false;
    settings = { ...read, guess: read.methods.includes(settings.guess) ? settings.guess : null };
    showGuesses();
    showFilms();
  });

  // The colours of the theme may change, and the width.
  new MutationObserver(() => chart.show({})).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  new ResizeObserver(() => chart.show({})).observe(part("chart"));

  load();
  part("still").hidden = true;
  document.getElementById("page").hidden = false;
  showFilms();
  showGuesses();
  showSettings();
  part("twenty-said").textContent = words.TWENTY_RUNS.accuracy;
  part("stored").textContent = words.TWENTY_RUNS.mirror;
  namePause();
  if (sender) say("Somebody sent you this. Guess first, then train the same networks: what the sender guessed and got comes last.");
  chart.show({ updates: settings.updates });
  setInterval(step, 600);
})();
