// What a visitor may set, and the link that carries it; what a link says is checked, since anyone can write one.
function settingsTools(words) {
  "use strict";

  const CHOICES = {
    n: [32, 64, 128, 256, 512],
    strength: [0.5, 1, 2],
    updates: [500, 1000, 3000],
    methods: ["none", "copies-1", "copies-2", "copies-4", "copies-16", "originals+2", "live", "live-1/2"],
  };
  const FIRST = { n: 128, strength: 1, updates: 1000, seed: 1, methods: ["none", "copies-1", "live"], guess: null };

  // Guess and result go in a form that nobody reads in the address, since who receives the link guesses first.
  function write(settings, results) {
    const { guess, seed, n, strength, updates, methods } = settings;
    const got = methods.map((method) => (results[method] ? (100 * results[method].own.accuracy).toFixed(1) : ""));
    const query = new URLSearchParams({ seed, n, strength, updates });
    for (const method of methods) query.set(method, "");
    query.set("kept", btoa([guess || "", ...got].join(" ")));
    return `#${query}`;
  }

  function unfold(kept) {
    try {
      return atob(kept).split(" ");
    } catch {
      return [];
    }
  }

  // The settings of a link, and what its sender got (method -> accuracy); null where it carries none.
  function read(hash) {
    const query = new URLSearchParams(hash.replace(/^#/, ""));
    if (!query.has("seed")) return null;
    const settings = { ...FIRST };
    for (const name of ["n", "strength", "updates"]) {
      const value = Number(query.get(name));
      if (CHOICES[name].includes(value)) settings[name] = value;
    }
    const seed = Number(query.get("seed"));
    if (Number.isInteger(seed) && seed >= 1 && seed <= 9999) settings.seed = seed;
    const methods = CHOICES.methods.filter((method) => query.has(method));
    if (methods.length >= 2) settings.methods = methods;
    const [guessed, ...got] = unfold(query.get("kept") || "");
    const results = {};
    settings.methods.forEach((method, place) => {
      const value = Number(got[place] || NaN);
      if (value >= 0 && value <= 100) results[method] = value / 100;
    });
    const guess = settings.methods.includes(guessed) ? guessed : null;
    return { settings, results, guess };
  }

  // What the sender guessed and got on the originals, as one sentence; nothing where the link brings neither
  function sent({ guess, results }) {
    const got = Object.entries(results).map(([method, accuracy]) => `${words.name(method)} ${words.percent(accuracy)}`);
    const guessed = guess ? `The sender guessed ${words.name(guess)}` : "The sender made no guess";
    if (got.length) return `${guessed} and got, on the originals, ${words.list(got)}.`;
    return guess ? `${guessed}.` : "";
  }

  // The settings of the first screen, which the course ran twenty times
  const isFirst = (settings) => ["n", "strength", "updates"].every((name) => settings[name] === FIRST[name]);

  // What a network is trained on. Another seed takes other garments, as long as there are.
  function task(settings, method, { images, labels, fresh, freshLabels }) {
    const { seed, n, strength, updates } = settings;
    const pixels = images.length / labels.length;
    const first = ((seed - 1) * n) % labels.length;
    return {
      method, seed, strength, updates, fresh, freshLabels,
      images: images.slice(first * pixels, (first + n) * pixels),
      labels: labels.slice(first, first + n),
    }; // prettier-ignore
  }

  return { CHOICES, FIRST, write, read, sent, isFirst, task };
}
