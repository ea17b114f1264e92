// The explorer of stored runs. What it shows was computed by tools/explorer_data.py; here it is only chosen,
// drawn and put into sentences. The chart is uPlot's; the sentences and the table below it say the same.
(function () {
  "use strict";

  const data = window.explorerData;
  const root = document.getElementById("explorer-app");
  if (!data || !root) return;

  const METRICS = {
    val_loss: "loss on new images",
    val_accuracy: "accuracy on new images",
    val_loss_scaled: "loss without over-confidence",
    shown_loss: "loss on the pictures shown",
  };
  const GROUPS = {
    none: "No augmentation",
    copies: "Copies instead of the images",
    originals: "Originals and copies",
    pool: "Copies, shuffled",
    "originals+pool": "Originals and copies, shuffled",
  };

  // Small tools

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const whole = (number) => Math.round(number).toLocaleString("en-US");
  const isShare = (metric) => metric === "val_accuracy";
  const label = (arm) => data.labels[arm];
  const list = (words) => (words.length < 2 ? words.join("") : words.slice(0, -1).join(", ") + " and " + words.at(-1));

  // A loss with three decimals, an accuracy in percent; with a true minus, and no sign before a rounded zero.
  function figure(value, metric) {
    const text = isShare(metric) ? (100 * value).toFixed(1) : value.toFixed(3);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
  }

  const withUnit = (value, metric) => figure(value, metric) + (isShare(metric) ? " %" : "");

  // The controls: each has the options that are stored for what stands before it

  const settings = data.settings;
  const chosen = { images: settings[0].images, network: settings[0].network, n: 512, arm: "copies-1", updates: 3000 };
  const controls = {};
  const LABELS = {
    images: "images",
    network: "network",
    n: "training images",
    arm: "compare live with",
    updates: "gradient updates",
    metric: "measure",
  };

  const unique = (values) => [...new Set(values)];
  const matching = (...keys) => settings.filter((s) => keys.every((key) => s[key] === chosen[key]));
  const current = () => matching("images", "network", "n")[0];

  function options(name) {
    switch (name) {
      case "images":
        return unique(settings.map((s) => s.images));
      case "network":
        return unique(matching("images").map((s) => s.network));
      case "n":
        return unique(matching("images", "network").map((s) => s.n)).sort((a, b) => a - b);
      case "arm":
        return Object.keys(current().compared);
      case "updates":
        return current().updates;
      default:
        return data.metrics;
    }
  }

  function written(name, value) {
    if (name === "arm") return value === "none" ? "no augmentation" : label(value);
    if (name === "metric") return METRICS[value];
    return typeof value === "number" ? whole(value) : value;
  }

  function fill(name) {
    const offered = options(name);
    const select = controls[name];
    if (!offered.includes(chosen[name])) chosen[name] = nearest(offered, chosen[name]);
    let parent = select;
    select.replaceChildren();
    for (const value of offered) {
      const group = name === "arm" ? GROUPS[data.kinds[value]] : null;
      if (group && parent.label !== group) {
        parent = make("optgroup", { label: group });
        select.append(parent);
      }
      parent.append(make("option", { value: value }, written(name, value)));
    }
    select.value = chosen[name];
  }

  // The last number that is not larger than what was chosen; else the first option, after no augmentation.
  function nearest(offered, value) {
    if (typeof value === "number") return offered.filter((other) => other <= value).at(-1) ?? offered[0];
    return offered.find((other) => other !== "none") ?? offered[0];
  }

  // What is stored somewhere, but not here
  function lacking() {
    const here = current();
    const sentences = [];
    const same = (s) => s.images === here.images && s.network === here.network;
    const others = unique(settings.map((s) => s.n)).filter((n) => !settings.some((s) => same(s) && s.n === n));
    if (others.length) sentences.push(`${list(others.sort((a, b) => a - b).map(whole))} training images`);
    const arms = Object.keys(data.labels).filter((arm) => data.kinds[arm] === "copies" || arm === "none");
    const missing = arms.filter((arm) => !(arm in here.compared)).sort((a, b) => copies(a) - copies(b));
    if (missing.length) sentences.push(list(missing.map((arm) => written("arm", arm))));
    if (here.updates.length === 1) sentences.push("shorter runs");
    return sentences.length ? `Not stored for ${here.images} and the ${here.network}: ${sentences.join("; ")}.` : "";
  }

  const copies = (arm) => Number(arm.replace(/\D/g, "")) || 0;

  // The chart

  const chart = make("div", { class: "chart", role: "img" });
  const reading = make("p", { class: "reading", "aria-hidden": "true" });
  let plot = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const lineColour = (arm) =>
    colour(arm === "none" ? "--explorer-none" : data.kinds[arm] === "live" ? "--explorer-live" : "--explorer-static");
  const DASHES = { originals: [8, 4], pool: [2, 4], "originals+pool": [8, 4, 2, 4] };

  function shownArms() {
    const live = current().compared[chosen.arm];
    return unique(["none", chosen.arm, live]).filter((arm) => arm in current().curves);
  }

  function draw() {
    const here = current();
    const count = here.at.filter((update) => update <= chosen.updates).length;
    const columns = [here.at.slice(0, count)];
    const series = [{}];
    const bands = [];
    const arms = shownArms();
    const ink = colour("--pst-color-text-base");
    for (const arm of arms) {
      const [mean, half] = here.curves[arm][chosen.metric].map((values) => values.slice(0, count));
      const stroke = lineColour(arm);
      columns.push(mean.map((m, i) => m + half[i]), mean.map((m, i) => m - half[i]), mean);
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      bands.push({ series: [series.length, series.length + 1], fill: stroke + "2e" });
      series.push(edge, edge, { stroke, width: 2.5, dash: DASHES[data.kinds[arm]], points: { show: false } });
    }
    const width = chart.clientWidth || 320;
    const narrow = width < 500;
    const axis = { stroke: ink, grid: { stroke: colour("--explorer-grid"), width: 1 }, ticks: { show: false } };
    const font = `${narrow ? 12 : 14}px ${getComputedStyle(document.body).fontFamily}`;
    if (plot) plot.destroy();
    chart.replaceChildren();
    plot = new window.uPlot(
      {
        width,
        height: narrow ? 270 : 340,
        padding: [12, narrow ? 92 : 130, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
        scales: { x: { time: false, range: [0, chosen.updates] } },
        axes: [
          { ...axis, font, label: "gradient updates", labelFont: font, labelSize: 22, values: (_, at) => at.map(whole) },
          { ...axis, font, size: 52, values: (_, at) => at.map((v) => (isShare(chosen.metric) ? Math.round(100 * v) + " %" : v)) },
        ],
        series,
        bands,
        hooks: { draw: [(u) => nameLines(u, arms, font)], setCursor: [(u) => read(u, arms)] },
      },
      columns,
      chart
    );
    chart.setAttribute("aria-label", `Curves of ${METRICS[chosen.metric]}. ${levels()}`);
    read(plot, arms);
  }

  // Names at the line ends, moved apart where they would touch
  function nameLines(u, arms, font) {
    const ratio = window.devicePixelRatio || 1;
    const size = parseInt(font, 10) * ratio;
    const lines = arms.map((arm, i) => ({
      arm,
      words: (arm === "none" ? "none" : label(arm)).replace(", ", ",\n").replace(" + ", "\n+ ").split("\n"),
      y: u.valToPos(u.data[3 * i + 3].at(-1), "y", true),
    }));
    lines.sort((a, b) => a.y - b.y);
    for (let pass = 0; pass < 60; pass++) {
      for (let i = 1; i < lines.length; i++) {
        const needed = (size * 1.2 * (lines[i - 1].words.length + lines[i].words.length)) / 2;
        const overlap = needed - (lines[i].y - lines[i - 1].y);
        if (overlap > 0.5) {
          lines[i - 1].y -= overlap / 2;
          lines[i].y += overlap / 2;
        }
      }
    }
    u.ctx.save();
    u.ctx.font = font.replace(/^\d+/, size);
    u.ctx.textBaseline = "middle";
    u.ctx.textAlign = "left";
    for (const line of lines) {
      u.ctx.fillStyle = lineColour(line.arm);
      line.words.forEach((word, i) => {
        const y = line.y + (i - (line.words.length - 1) / 2) * size * 1.15;
        u.ctx.fillText(word, u.bbox.left + u.bbox.width + 6 * ratio, y);
      });
    }
    u.ctx.restore();
  }

  // The values under the pointer
  function read(u, arms) {
    const at = u.cursor.idx ?? u.data[0].length - 1;
    const values = arms.map((arm, i) => `${arm === "none" ? "none" : label(arm)} ${withUnit(u.data[3 * i + 3][at], chosen.metric)}`);
    reading.textContent = `At update ${whole(u.data[0][at])}: ${values.join(", ")}.`;
  }

  // What it says, in sentences

  const summary = make("div", { class: "summary", "aria-live": "polite", id: "explorer-summary" });

  function levels() {
    const means = current().results[chosen.updates][chosen.arm].means;
    const column = data.metrics.indexOf(chosen.metric);
    return list(
      shownArms().map((arm) => `${arm === "none" ? "no augmentation" : label(arm)} ${withUnit(means[arm][column], chosen.metric)}`)
    );
  }

  function sentences() {
    const here = current();
    const result = here.results[chosen.updates][chosen.arm];
    const live = label(here.compared[chosen.arm]);
    const other = written("arm", chosen.arm);
    const [mean, low, high, word, atHalf] = result.difference[chosen.metric];
    const said = [
      `${METRICS[chosen.metric]} after ${whole(chosen.updates)} updates: ${levels()}.`.replace(/^./, (c) => c.toUpperCase()),
    ];
    const unit = isShare(chosen.metric) ? " points" : "";
    const interval = `${figure(mean, chosen.metric)} [${figure(low, chosen.metric)}, ${figure(high, chosen.metric)}]${unit}`;
    let verdict = `${live} minus ${other}: ${interval}, from ${here.pairs} pairs. `.replace(/^./, (c) => c.toUpperCase());
    if (!word) {
      verdict += "No verdict, because the margins are for new images.";
    } else {
      const margin = isShare(chosen.metric) ? "1 point" : data.margins[chosen.metric];
      const is = word === "equivalent" ? "The two are equivalent" : word === "undecided" ? "It is undecided" : `Live is ${word}`;
      verdict += `${is} (margin ${margin})` + (atHalf === word ? "." : `; at half the margin it would read ${atHalf}.`);
    }
    said.push(verdict);
    const [even, odd] = result.halves;
    if (chosen.metric === "val_loss" && even[3] !== odd[3]) {
      const half = (r) => `${r[3]}, ${figure(r[0], "val_loss")} [${figure(r[1], "val_loss")}, ${figure(r[2], "val_loss")}]`;
      said.push(`The two halves of the validation images disagree: ${half(even)} by the even numbers and ${half(odd)} by the odd ones.`);
    }
    if (here.overlap) said.push("The pairs share training images here" + (here.table === "law.csv" ? ", so the interval was widened." : ", so the interval is too narrow."));
    if (chosen.metric === "val_loss") said.push(law());
    return said;
  }

  function law() {
    const point = current().law[chosen.updates][chosen.arm];
    if (!point) return "The law says nothing here: it is about copies that replace the images.";
    const [excess, predicted, standing] = point;
    if (excess <= data.least_excess) return "The law: nothing to predict. Below an excess of 0.02 it was not tried.";
    const gives = `${figure(predicted, "val_loss")} for the excess of static over live, and the runs say ${figure(excess, "val_loss")}`;
    if (standing === "held") return `The law predicts ${gives}. It held here, in its registered test.`;
    if (standing === "found")
      return `The law: don\u2019t know, since no registered test of this setting is complete. The formula gives ${gives}, but it was chosen on runs like these.`;
    const why = standing === "not tested" ? "its registered test is not complete here" : `here it was ${standing} in its registered test`;
    return `The law: don\u2019t know, because ${why}. (The formula gives ${gives}.)`;
  }

  // The filmstrip

  const film = make("div", {});

  function strip(arm) {
    const [subject] = current().film.split(" ");
    const { source, tiles } = data.film.pictures[current().film];
    const kind = data.kinds[arm] === "none" ? "none" : data.kinds[arm] === "live" ? "live" : "static";
    const items = make("ol", { class: `film ${kind}`, "aria-label": arm === "none" ? "no augmentation" : label(arm) });
    const before = new Set();
    data.film.shown[subject][arm].forEach((version, i) => {
      const seen = before.has(version);
      before.add(version);
      const tile = make("span", { class: "tile" });
      tile.style.backgroundImage = `url(${source})`;
      tile.style.backgroundSize = `${64 * tiles}px 64px`;
      tile.style.backgroundPosition = `${-64 * version}px 0`;
      const words = version === 0 ? "original" : `copy ${version}`;
      items.append(
        make("li", seen ? { class: "seen" } : {}, tile, make("span", { class: "words" }, `${i + 1}: ${words}${seen ? ", seen" : ""}`))
      );
    });
    return items;
  }

  function showFilm() {
    const live = current().compared[chosen.arm];
    const pool = data.kinds[chosen.arm].includes("pool");
    const what = current().film.startsWith("cells") ? "One solar cell" : "One pullover";
    const times = pool ? "the first eight times that it is shown" : "the first eight epochs";
    const parts = [make("p", {}, `${what} in ${times}. What came before is faded.`)];
    for (const arm of [live, chosen.arm]) parts.push(make("h3", {}, arm === "none" ? "no augmentation" : label(arm)), strip(arm));
    film.replaceChildren(...parts);
  }

  // The table

  const table = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": "table of the curves" });

  function showTable() {
    const here = current();
    const arms = shownArms();
    const names = arms.map((arm) => make("th", { scope: "col" }, arm === "none" ? "no augmentation" : label(arm)));
    const rows = here.at
      .map((update, i) => [update, i])
      .filter(([update]) => update <= chosen.updates)
      .map(([update, i]) => {
        const cells = arms.map((arm) => {
          const [mean, half] = here.curves[arm][chosen.metric];
          return make("td", {}, `${figure(mean[i], chosen.metric)} \u00b1 ${figure(half[i], chosen.metric)}`);
        });
        return make("tr", {}, make("th", { scope: "row" }, whole(update)), ...cells);
      });
    const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "update"), ...names));
    table.replaceChildren(make("table", {}, head, make("tbody", {}, ...rows)));
  }

  // The calculator: the rule of lesson 05, and the law turned round as in its companion

  const FEW = { small: 16, other: 6 };

  // Copies by the formula; live and copy are [share wrong, shown loss] after so many epochs of a short run.
  function copiesFor(epochs, margin, live, copy, short) {
    const error = (live[0] + copy[0]) / 2;
    const kappa = Math.log(live[1] / copy[1]) / (short - 1);
    return Math.max(1, epochs / (1 + margin / Math.max(error * kappa, 1e-9)));
  }

  function howMany(n, epochs, margin, live, copy, short) {
    const needed = copiesFor(epochs, margin, live, copy, short);
    const low = Math.max(1, needed / data.calculator.factor);
    const high = needed * data.calculator.factor;
    if (high >= epochs) return "live";
    return `\u2248 ${low.toFixed(0)} to \u2248 ${high.toFixed(0)} copies of each image, \u2248 ${whole(n * high)} pictures at most`;
  }

  const ASKED = {
    n: ["images", 512, 1, 1e7],
    epochs: ["epochs over the images", 188, 1, 1e5],
    margin: ["margin in loss", 0.02, 0.0001, 10],
    short: ["epochs of two short runs", 31, 2, 1e5],
    liveWrong: ["share wrong on new images, live", 0.16, 0, 1],
    copyWrong: ["share wrong on new images, 1 copy", 0.18, 0, 1],
    liveShown: ["loss on the pictures shown, live", 0.35, 1e-6, 100],
    copyShown: ["loss on the pictures shown, 1 copy", 0.27, 1e-6, 100],
  };

  function calculator() {
    const inputs = {};
    const field = (name) => {
      const [words, value, low, high] = ASKED[name];
      inputs[name] = make("input", { type: "number", value, min: low, max: high, step: "any", id: `calculator-${name}` });
      return make("label", {}, words, inputs[name]);
    };
    const network = make(
      "select",
      { id: "calculator-size" },
      make("option", { value: "small" }, "small network, mild changes"),
      make("option", { value: "other" }, "anything else")
    );
    const tested = make("select", { id: "calculator-tested" }, make("option", { value: "not run" }, "none of these"));
    for (const [words, verdict] of data.calculator.settings) tested.append(make("option", { value: verdict }, `${words}: ${verdict}`));
    const rule = make("output", { id: "calculator-rule" });
    const answer = make("output", { id: "calculator-law" });
    const update = () => {
      const values = {};
      for (const [name, input] of Object.entries(inputs)) {
        const [words, , low, high] = ASKED[name];
        values[name] = input.value === "" ? NaN : Number(input.value);
        if (!(values[name] >= low && values[name] <= high)) {
          rule.textContent = `\u201c${words}\u201d is ${input.value || "empty"}; expected a number from ${low} to ${whole(high)}.`;
          answer.textContent = "";
          return;
        }
      }
      const places = Math.max(2, Math.ceil(values.epochs / FEW[network.value]));
      const showings = values.epochs / places;
      const order = `${places - 1} ${places === 2 ? "copy" : "copies"} of each image`;
      rule.textContent =
        `Rule of lesson 05: the originals and ${order}, ${whole(values.n * places)} pictures, ` +
        `each shown ${showings.toFixed(1)} times. ` +
        (network.value === "small" ? "(At most 16 showings, as measured in loss.)" : "(At most 6 showings, which is a guess.)") +
        ` Live needs ${whole(values.n)}.`;
      const range = howMany(
        values.n, values.epochs, values.margin, [values.liveWrong, values.liveShown], [values.copyWrong, values.copyShown], values.short
      );
      answer.textContent =
        tested.value === "held"
          ? `The law: ${range}.`
          : `The law: don\u2019t know, because it has not held in such a setting (${tested.value}). As if it had held: ${range}.`;
    };
    const grid = make("div", { class: "controls" }, field("n"), field("epochs"), make("label", {}, "network and changes", network));
    const more = make("div", { class: "controls" });
    for (const name of Object.keys(ASKED).slice(2)) more.append(field(name));
    more.append(make("label", {}, "registered setting, and how the law fared", tested));
    const box = make("div", {}, grid, make("div", { "aria-live": "polite" }, rule), make("h3", {}, "From two short runs, by the law"), more, make("div", { "aria-live": "polite" }, answer));
    box.addEventListener("input", update);
    update();
    return box;
  }

  // Putting it together

  function renew() {
    for (const name of Object.keys(LABELS)) fill(name);
    draw();
    summary.replaceChildren(...sentences().map((text) => make("p", {}, text)));
    missing.textContent = lacking();
    title.textContent = METRICS[chosen.metric] + (isShare(chosen.metric) ? " (higher is better)" : " (lower is better)");
    showFilm();
    showTable();
  }

  chosen.metric = data.metrics[0];
  const bar = make("div", { class: "controls" });
  for (const [name, words] of Object.entries(LABELS)) {
    controls[name] = make("select", { id: `explorer-${name}` });
    controls[name].addEventListener("change", () => {
      const value = controls[name].value;
      chosen[name] = typeof chosen[name] === "number" ? Number(value) : value;
      renew();
    });
    bar.append(make("label", {}, words, controls[name]));
  }
  const title = make("p", { class: "reading" });
  const missing = make("p", { class: "lacking" });
  const folded = make("details", {}, make("summary", {}, "The numbers of the curves, with half of their 95 % intervals"), table);
  root.append(
    make("h2", {}, "Curves and verdict"), bar, missing, title, chart, reading, summary, folded,
    make("h2", {}, "What an epoch shows"), film,
    make("h2", {}, "How many copies?"), calculator()
  );
  document.getElementById("explorer-still").hidden = true;
  renew();
  let width = chart.clientWidth;
  new ResizeObserver(() => {
    if (chart.clientWidth !== width) {
      width = chart.clientWidth;
      draw();
    }
  }).observe(chart);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
