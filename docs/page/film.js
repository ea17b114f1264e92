// Three films of one garment: what each method shows of it, epoch by epoch, as the networks are shown it.
function filmTools(augment, schedule, training, words) {
  "use strict";

  const FRAMES = 8;
  const SIDE = augment.SIDE;
  const ZOOM = 2;
  const GAP = 2;

  // Draws a picture of numbers in [0, 1] at a place of a canvas, each pixel as a square.
  function paint(canvas, picture, left, zoom) {
    const context = canvas.getContext("2d");
    const small = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      small.data.fill(Math.round(255 * picture[i]), 4 * i, 4 * i + 3);
      small.data[4 * i + 3] = 255;
    }
    const source = document.createElement("canvas");
    source.width = source.height = SIDE;
    source.getContext("2d").putImageData(small, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(source, left, 0, SIDE * zoom, SIDE * zoom);
  }

  // A film in a figure of its own; show(epoch) draws the last frames up to an epoch, counted from 1.
  function film(arm, images, garment, settings) {
    const canvas = document.createElement("canvas");
    canvas.width = FRAMES * SIDE * ZOOM + (FRAMES - 1) * GAP;
    canvas.height = SIDE * ZOOM;
    canvas.setAttribute("role", "img");
    const name = words.capital(words.name(arm));
    const what = { none: "the same original", "copies-1": "the same changed picture" }[arm] || "another change of it";
    canvas.setAttribute("aria-label", `Film of a pullover, ${words.name(arm)}: ${what} in each frame.`);
    const caption = document.createElement("figcaption");
    const label = document.createElement("strong");
    const counter = document.createElement("span");
    label.textContent = name;
    caption.append(label, " ", counter);
    const figure = document.createElement("figure");
    figure.className = `film ${colourOf(arm)}`;
    figure.append(caption, canvas);
    const rules = schedule.parse(arm);
    const picture = new Float32Array(SIDE * SIDE);

    function show(epoch) {
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      for (let frame = 0; frame < FRAMES; frame++) {
        const shown = epoch - FRAMES + frame;
        if (shown < 0) continue;
        const version = schedule.version(rules, shown, 0, 0);
        training.picture(images, garment, version, settings.seed, settings.strength, picture, 0);
        paint(canvas, picture, frame * (SIDE * ZOOM + GAP), ZOOM);
      }
      counter.textContent = words.seen(arm, epoch);
    }

    return { figure, show };
  }

  const colourOf = (arm) => (arm === "none" ? "none" : arm.startsWith("live") ? "live" : "static");

  return { film, paint, colourOf, FRAMES };
}
