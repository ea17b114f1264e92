// The explorer of stored runs. What it shows was computed by tools/explorer_data.py; here it is only chosen,
// drawn and put into sentences. The chart is uPlot's; the sentences and the table below it say the same.
(function () {
  "use strict";

  const data = window.explorerData;
  const part = (name) => document.getElementById(`explorer-${name}`);
  if (!data || !part("curves")) return;

  const COMPANION = "../notebooks/going_deeper/a_law_for_repeated_pictures.html";

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
  // What the reader asked for, and what is shown: the nearest to it that is stored.
  const asked = {
    images: settings[0].images,
    network: settings[0].network,
    n: 512,
    arm: "copies-1",
    updates: 3000,
    metric: data.metrics[0],
  };
  const chosen = { ...asked };
  const controls = {};
  const LABELS = {
    images: "data set",
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
    if (name === "arm") return label(value);
    if (name === "metric") return METRICS[value];
    return typeof value === "number" ? whole(value) : value;
  }

  function fill(name) {
    const offered = options(name);
    const select = controls[name];
    chosen[name] = offered.includes(asked[name]) ? asked[name] : nearest(offered, asked[name]);
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

  const UNITS = { n: " training images", updates: " updates" };

  // What is shown instead of what was asked for
  function replaced() {
    const instead = Object.keys(LABELS)
      .filter((name) => chosen[name] !== asked[name])
      .map((name) => `${written(name, chosen[name])} instead of ${written(name, asked[name])}${UNITS[name] || ""}`);
    return instead.length ? `Shown: ${list(instead)} (not stored here).` : "";
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
  const STYLES = { originals: "dashed", pool: "dotted", "originals+pool": "dashed" }; // as near as CSS comes to DASHES
  const DASHES = { originals: [8, 4], pool: [2, 4], "originals+pool": [8, 4, 2, 4] };

  function shownArms() {
    const live = current().compared[chosen.arm];
    return unique(["none", chosen.arm, live]).filter((arm) => arm in current().curves);
  }

  // Range of the bands after the first tenth, where an early spike does not squash the rest
  function rangeOf(at, edges) {
    const values = edges.flatMap((edge) => edge.filter((_, i) => at[i] > 0.1 * chosen.updates));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.06 * (high - low || 0.01);
    return [low - room, high + room];
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
    const edges = columns.slice(1);
    const [bottom, top] = rangeOf(columns[0], edges);
    const cut = edges.flat().some((value) => value < bottom || value > top);
    title.textContent =
      `${METRICS[chosen.metric]} (${isShare(chosen.metric) ? "higher" : "lower"} is better)`.replace(/^./, (c) => c.toUpperCase()) +
      (cut ? "; the axis fits what comes after the first tenth" : "");
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
        padding: [12, narrow ? 24 : 130, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
        scales: { x: { time: false, range: [0, chosen.updates] }, y: { range: [bottom, top] } },
        axes: [
          { ...axis, font, label: "gradient updates", labelFont: font, labelSize: 22, values: (_, at) => at.map(whole) },
          { ...axis, font, size: 52, values: (_, at) => at.map((v) => (isShare(chosen.metric) ? Math.round(100 * v) + " %" : v)) },
        ],
        series,
        bands,
        hooks: { draw: narrow ? [] : [(u) => nameLines(u, arms, font)], setCursor: [(u) => u === plot && read(u, arms)] },
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
      words: label(arm).replace("no ", "no\n").replace(", ", ",\n").replace(" + ", "\n+ ").split("\n"),
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

  // The evaluations of the last tenth, of which the verdict takes the mean
  const late = () => current().at.filter((update) => update > 0.9 * chosen.updates && update <= chosen.updates).length;
  const COUNTS = { 5: "five", 10: "ten" };
  const meanOf = () => `mean of the last ${COUNTS[late()] || late()} evaluations`;

  // The legend: the means, as in the verdict, or the single evaluation under the pointer
  function read(u, arms) {
    const at = u.cursor.idx;
    const values = arms.map((arm, i) => (at == null ? meansOf(arm) : u.data[3 * i + 3][at]));
    const keys = arms.map((arm, i) => {
      const sample = make("span", { class: "sample" });
      sample.style.borderTop = `3px ${STYLES[data.kinds[arm]] || "solid"} ${lineColour(arm)}`;
      return make("span", { class: "key" }, sample, `${label(arm)} ${withUnit(values[i], chosen.metric)}`);
    });
    const what = at == null ? meanOf() : `single evaluation, at update ${whole(u.data[0][at])}`;
    reading.replaceChildren(...keys, make("span", { class: "key" }, `(${what})`));
  }

  // What it says, in sentences

  const summary = make("div", { class: "summary", "aria-live": "polite", id: "explorer-summary" });

  const capital = (text) => text.replace(/^./, (c) => c.toUpperCase());
  const meansOf = (arm) => current().results[chosen.updates][chosen.arm].means[arm][data.metrics.indexOf(chosen.metric)];
  const levels = () => list(shownArms().map((arm) => `${label(arm)} ${withUnit(meansOf(arm), chosen.metric)}`));

  const REASONS = {
    equivalent: "the whole interval lies within the margin",
    better: "the interval excludes zero, and reaches beyond the margin",
    worse: "the interval excludes zero, and reaches beyond the margin",
    undecided: "the interval includes zero, and reaches beyond the margin",
  };

  // A difference of rounded means may differ from the rounded difference in its last digit.
  function rounded(difference, live) {
    const shown = (value) => Number(figure(value, chosen.metric).replace("\u2212", "-"));
    const subtracted = shown(meansOf(live)) - shown(meansOf(chosen.arm));
    return Math.abs(subtracted - shown(difference)) > 1e-6 ? " (computed before rounding)" : "";
  }

  function sentences() {
    const here = current();
    const result = here.results[chosen.updates][chosen.arm];
    const live = label(here.compared[chosen.arm]);
    const other = written("arm", chosen.arm);
    const [mean, low, high, word, atHalf] = result.difference[chosen.metric];
    const said = [capital(`${METRICS[chosen.metric]} after ${whole(chosen.updates)} updates, ${meanOf()}: ${levels()}.`)];
    if (replaced()) said.unshift(replaced());
    const unit = isShare(chosen.metric) ? " points" : "";
    const interval = `${figure(mean, chosen.metric)} [${figure(low, chosen.metric)}, ${figure(high, chosen.metric)}]${unit}`;
    const note = rounded(mean, here.compared[chosen.arm]);
    let verdict = capital(`${live} minus ${other}: ${interval}${note}, from ${here.pairs} pairs. `);
    if (!word) {
      verdict += "No verdict, because the margins are for new images.";
    } else {
      const margin = isShare(chosen.metric) ? "1 point" : data.margins[chosen.metric];
      const is = word === "equivalent" ? "The two are equivalent" : word === "undecided" ? "It is undecided" : `Live is ${word}`;
      verdict += `${is}: ${REASONS[word]} (${margin}).` + (atHalf === word ? "" : ` At half the margin it would read ${atHalf}.`);
    }
    said.push(verdict);
    const [even, odd] = result.halves;
    if (chosen.metric === "val_loss" && even[3] !== odd[3]) {
      const half = (r) => `${r[3]}, ${figure(r[0], "val_loss")} [${figure(r[1], "val_loss")}, ${figure(r[2], "val_loss")}]`;
      said.push(`The two halves of the validation images disagree: ${half(even)} by the even numbers and ${half(odd)} by the odd ones.`);
    }
    if (here.overlap) said.push("The pairs share training images here, so for other images the interval is too narrow.");
    const law = here.law[chosen.updates][chosen.arm];
    if (chosen.metric === "val_loss" && law) said.push(lawSentence(...law));
    return said;
  }

  const lawLink = () => make("a", { href: COMPANION }, "law");

  function lawSentence(excess, predicted) {
    const [calculated, measured] = [predicted, excess].map((value) => figure(value, "val_loss"));
    return ["The ", lawLink(), ` predicts that static ends ${calculated} above live, and the runs say ${measured}.`];
  }

  // The filmstrip

  const film = make("div", {});

  function strip(arm) {
    const [subject] = current().film.split(" ");
    const { source, tiles } = data.film.pictures[current().film];
    const kind = data.kinds[arm] === "none" ? "none" : data.kinds[arm] === "live" ? "live" : "static";
    const items = make("ol", { class: `film ${kind}`, "aria-label": label(arm) });
    const before = new Set();
    let fresh = 0;
    data.film.shown[subject][arm].forEach((version) => {
      const seen = before.has(version);
      before.add(version);
      const tile = make("span", { class: "tile" });
      tile.style.backgroundImage = `url(${source})`;
      tile.style.backgroundSize = `${64 * tiles}px 64px`;
      tile.style.backgroundPosition = `${-64 * version}px 0`;
      const words = version === 0 ? "original" : kind === "live" ? `new ${++fresh}` : `copy ${version}`;
      items.append(
        make("li", seen ? { class: "seen" } : {}, tile, make("span", { class: "words" }, words + (seen ? ", seen" : "")))
      );
    });
    return items;
  }

  function showFilm() {
    const live = current().compared[chosen.arm];
    const pool = data.kinds[chosen.arm].includes("pool");
    const what = current().film.startsWith("cells") ? "One solar cell" : "One pullover";
    const times = pool ? "the first eight times that it is shown" : "the first eight epochs";
    const parts = [make("p", {}, `${what} in ${times}.`)];
    for (const arm of [live, chosen.arm]) parts.push(make("h3", {}, label(arm)), strip(arm));
    film.replaceChildren(...parts);
  }

  // The table

  const table = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": "table of the curves" });

  function showTable() {
    const here = current();
    const arms = shownArms();
    const names = arms.map((arm) => make("th", { scope: "col" }, label(arm)));
    const rows = here.at
      .map((update, i) => [update, i])
      .filter(([update]) => update <= chosen.updates)
      .map(([update, i]) => {
        const cells = arms.map((arm) => {
          const [mean, half] = here.curves[arm][chosen.metric];
          return make("td", {}, `${figure(mean[i], chosen.metric)} `, make("span", {}, `\u00b1 ${figure(half[i], chosen.metric)}`));
        });
        return make("tr", {}, make("th", { scope: "row" }, whole(update)), ...cells);
      });
    const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "update"), ...names));
    const means = arms.map((arm) => make("td", {}, figure(meansOf(arm), chosen.metric)));
    const foot = make("tfoot", {}, make("tr", {}, make("th", { scope: "row" }, "mean"), ...means));
    table.replaceChildren(
      make("p", {}, `Single evaluations, with half of their 95 % intervals. The verdict takes the last row, the ${meanOf()}.`),
      make("table", {}, head, make("tbody", {}, ...rows), foot)
    );
  }

  // Putting it together

  function renew() {
    for (const name of Object.keys(LABELS)) fill(name);
    draw();
    summary.replaceChildren(...sentences().map((text) => make("p", {}, ...[text].flat())));
    missing.textContent = lacking();
    showFilm();
    showTable();
  }

  const bar = make("div", { class: "controls" });
  for (const [name, words] of Object.entries(LABELS)) {
    controls[name] = make("select", { id: `explorer-${name}` });
    controls[name].addEventListener("change", () => {
      const value = controls[name].value;
      asked[name] = typeof asked[name] === "number" ? Number(value) : value;
      renew();
    });
    bar.append(make("label", {}, words, controls[name]));
  }
  const title = make("p", { class: "reading" });
  const missing = make("p", { class: "lacking" });
  const folded = make("details", {}, make("summary", {}, "The numbers of the curves"), table);
  part("curves").append(bar, missing, title, chart, reading, summary, folded);
  part("film").append(film);
  part("still").hidden = true;
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
