// The curves: accuracy on the originals while the networks train, drawn by uPlot; earlier runs stay as thin lines.
function chartTools(box, words, colourOf) {
  "use strict";

  let plot = null;
  let state = { runs: [], past: [], updates: 1000 };
  let waiting = false;

  const colour = (name) => getComputedStyle(box).getPropertyValue(name).trim();

  // runs and past: lists of {method, points: [[update, accuracy], …]}. Drawn at most once a frame of the screen.
  function show(changed) {
    state = { ...state, ...changed };
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }

  function columnsOf(lines) {
    const at = [...new Set(lines.flatMap((line) => line.points.map(([update]) => update)))].sort((a, b) => a - b);
    if (at.length === 0) return [[0, state.updates], ...lines.map(() => [null, null])];
    const found = lines.map((line) => new Map(line.points));
    return [at, ...found.map((points) => at.map((update) => points.get(update)))];
  }

  function draw() {
    const lines = [...state.past.map((run) => ({ ...run, thin: true })), ...state.runs];
    if (lines.length === 0) lines.push({ method: "none", points: [] });
    const width = box.clientWidth || 320;
    const font = `${width < 500 ? 12 : 14}px ${getComputedStyle(box).fontFamily}`;
    const grid = { stroke: colour("--page-grid"), width: 1 };
    const axis = { stroke: colour("--page-ink"), grid, font, labelFont: font, labelSize: 20, ticks: { show: false } };
    const series = lines.map(({ method, thin }) => ({
      stroke: colour(`--page-${colourOf(method)}`),
      width: thin ? 1 : 2.5,
      alpha: thin ? 0.4 : 1,
      spanGaps: true,
      points: { show: false },
    }));
    if (plot) plot.destroy();
    plot = new window.uPlot(
      {
        width,
        height: 240,
        padding: [12, width < 500 ? 26 : 190, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: [0, state.updates] }, y: { range: [0.5, 1.01] } },
        axes: [
          { ...axis, label: "updates (batches of 32)", size: 30 },
          { ...axis, label: "accuracy, originals", size: 54, values: (_, at) => at.map((v) => `${Math.round(100 * v)} %`) },
        ],
        series: [{}, ...series],
        hooks: { draw: [(u) => nameLines(u, state.runs, font, width)] },
      },
      columnsOf(lines),
      box
    );
  }

  // Names right of the axes, as high as the lines end, moved apart where they would touch; on a phone in a free corner.
  function nameLines(u, runs, font, width) {
    const ratio = window.devicePixelRatio || 1;
    const height = (width < 500 ? 15 : 18) * ratio;
    const ends = runs.filter((run) => run.points.length > 0).map((run) => {
      const accuracy = run.points.at(-1)[1];
      const text = `${words.name(run.method)} ${words.percent(accuracy)}`;
      return { method: run.method, text, y: u.valToPos(accuracy, "y", true) };
    });
    ends.sort((a, b) => a.y - b.y);
    for (let pass = 0; pass < 40; pass++) {
      for (let i = 1; i < ends.length; i++) {
        const overlap = height - (ends[i].y - ends[i - 1].y);
        if (overlap <= 0) continue;
        ends[i - 1].y -= overlap / 2;
        ends[i].y += overlap / 2;
      }
    }
    if (width < 500) ends.forEach((end, i) => (end.y = u.bbox.top + u.bbox.height - (ends.length - i) * height));
    u.ctx.save();
    u.ctx.font = font.replace(/^\d+/, (size) => size * ratio);
    u.ctx.textBaseline = "middle";
    u.ctx.textAlign = width < 500 ? "right" : "left";
    for (const end of ends) {
      u.ctx.fillStyle = colour(`--page-${colourOf(end.method)}`);
      u.ctx.fillText(end.text, u.bbox.left + u.bbox.width + (width < 500 ? 0 : 6 * ratio), end.y);
    }
    u.ctx.restore();
  }

  return { show };
}
