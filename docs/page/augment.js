// Changes of a picture, as helpers/augment.py makes them: one affine map an image, one bilinear resampling.
function augmentTools() {
  "use strict";

  const SIDE = 28;
  // The ranges of the mild policy of the course; strength stretches all of them but the mirror.
  const MILD = { rotation: 5, shift: 0.05, zoom: 0.05 };

  const unchanged = () => ({ rotation: 0, shiftX: 0, shiftY: 0, zoomX: 1, zoomY: 1, mirror: false });

  // One draw for one image; random gives numbers in [0, 1).
  function draw(random, strength) {
    const within = (range) => (2 * random() - 1) * range * strength;
    return {
      rotation: within(MILD.rotation), // degrees
      shiftX: within(MILD.shift), // fraction of the width
      shiftY: within(MILD.shift),
      zoomX: 1 + within(MILD.zoom),
      zoomY: 1 + within(MILD.zoom),
      mirror: random() < 0.5,
    };
  }

  // A nudge (pixels to the right and down, degrees clockwise, mirrored) as a change. The grid is moved, so the picture goes the other way; a mirrored one once more.
  function nudged({ right = 0, down = 0, turn = 0, mirror = false }) {
    const shifts = { shiftX: ((mirror ? 1 : -1) * right) / SIDE, shiftY: -down / SIDE };
    return { ...unchanged(), ...shifts, rotation: -turn, mirror };
  }

  // Writes the changed picture into target. The output pixel q shows the point p + R (t + Z F (q - p)) of the image,
  // with p its centre: mirror, zoom, shift, rotation. Outside the image its edge is repeated.
  function apply(images, number, change, target, place) {
    const angle = (change.rotation * Math.PI) / 180;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const zoomX = change.mirror ? -change.zoomX : change.zoomX;
    const centre = (SIDE - 1) / 2;
    const last = SIDE - 1;
    const from = number * SIDE * SIDE;
    let to = place * SIDE * SIDE;
    for (let row = 0; row < SIDE; row++) {
      const v = change.zoomY * (row - centre) + change.shiftY * SIDE;
      for (let column = 0; column < SIDE; column++) {
        const u = zoomX * (column - centre) + change.shiftX * SIDE;
        const x = Math.min(Math.max(cos * u - sin * v + centre, 0), last);
        const y = Math.min(Math.max(sin * u + cos * v + centre, 0), last);
        const left = Math.floor(x);
        const top = from + Math.floor(y) * SIDE;
        const bottom = top + (y < last ? SIDE : 0);
        const right = left + (x < last ? 1 : 0);
        const above = images[top + left] + (x - left) * (images[top + right] - images[top + left]);
        const below = images[bottom + left] + (x - left) * (images[bottom + right] - images[bottom + left]);
        target[to++] = above + (y - Math.floor(y)) * (below - above);
      }
    }
  }

  return { SIDE, unchanged, nudged, draw, apply };
}
