// Three films of one garment: what each method shows of it, epoch by epoch. They are the same for each run.
function filmTools(augment, schedule, training, words) {
  "use strict";

  const FRAMES = 8;
  const SIDE = augment.SIDE;
  const SEED = 1;
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
  function film(method, images, garment, strength) {
    const canvas = document.createElement("canvas");
    canvas.width = FRAMES * SIDE * ZOOM + (FRAMES - 1) * GAP;
    canvas.height = SIDE * ZOOM;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Film of a pullover: ${words.FILMS[method]}.`);
    const caption = document.createElement("figcaption");
    const label = document.createElement("strong");
    label.textContent = words.capital(words.name(method));
    const what = document.createElement("span");
    what.textContent = words.FILMS[method];
    caption.append(label, " ", what);
    const figure = document.createElement("figure");
    figure.className = `film ${colourOf(method)}`;
    figure.append(caption, canvas);
    const rules = schedule.parse(method);
    const picture = new Float32Array(SIDE * SIDE);

    function show(epoch) {
      for (let frame = 0; frame < FRAMES; frame++) {
        const version = schedule.version(rules, epoch - FRAMES + frame, 0, 0);
        training.picture(images, garment, version, SEED, strength, picture, 0);
        paint(canvas, picture, frame * (SIDE * ZOOM + GAP), ZOOM);
      }
    }

    return { figure, show };
  }

  const colourOf = (method) => (method === "none" ? "none" : method.startsWith("live") ? "live" : "static");

  return { film, paint, colourOf, FRAMES };
}
