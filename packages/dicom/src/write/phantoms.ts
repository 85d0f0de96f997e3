/** Images drawn by formulas: plausible, of no patient, the same in every run. */

/** `pixels` row by row; Hounsfield units for a CT, 12-bit grey for an X-ray. */
export interface Phantom {
  rows: number;
  columns: number;
  pixels: Int16Array;
}

/** Hounsfield units of tissues. */
const HU = {
  air: -1000,
  lung: -850,
  fat: -90,
  water: 5,
  brain: 35,
  blood: 62,
  muscle: 55,
  bone: 700,
  cortex: 1100,
};

/** An ellipse; `isInside` below 1, growing outwards. */
function ellipse(
  x: number,
  y: number,
  centreX: number,
  centreY: number,
  radiusX: number,
  radiusY: number,
): number {
  return ((x - centreX) / radiusX) ** 2 + ((y - centreY) / radiusY) ** 2;
}

/** Repeatable noise in -1..1, in place of a detector's. */
function grain(column: number, row: number, slice: number): number {
  const seed = Math.imul(column, 73856093) ^ Math.imul(row, 19349663) ^ Math.imul(slice, 83492791);
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  const hash = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 15;
  return (hash & 0xff) / 127.5 - 1;
}

/** Coordinates run from -1 to 1 over the image, x to the right and y downwards. */
function draw(rows: number, columns: number, valueAt: (x: number, y: number) => number, slice = 0): Phantom {
  const pixels = new Int16Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const y = (2 * row) / (rows - 1) - 1;
    for (let column = 0; column < columns; column += 1) {
      const x = (2 * column) / (columns - 1) - 1;
      pixels[row * columns + column] = Math.round(valueAt(x, y) + 6 * grain(column, row, slice));
    }
  }
  return { rows, columns, pixels };
}

/** Axial head, `height` from 0 (skull base) to 1 (vertex): skull, brain, ventricles, and one bright spot. */
export function headSlice(height: number, sizePixels: number): Phantom {
  const scale = Math.sqrt(Math.max(0.12, 1 - ((height - 0.3) / 0.78) ** 2));
  const hasVentricles = height > 0.4 && height < 0.75;
  const hasBleeding = Math.abs(height - 0.55) < 0.12;
  return draw(
    sizePixels,
    sizePixels,
    (x, y) => {
      const skull = ellipse(x, y, 0, 0, 0.66 * scale, 0.82 * scale);
      if (skull > 1.08) return HU.air;
      if (skull > 1) return HU.fat;
      if (skull > 0.88) return HU.cortex;
      if (hasBleeding && ellipse(x, y, 0.3, 0.1, 0.11, 0.15) < 1) return HU.blood;
      if (hasVentricles && ellipse(Math.abs(x), y, 0.1, -0.05, 0.06, 0.24) < 1) return HU.water;
      return skull > 0.7 ? HU.brain + 4 : HU.brain;
    },
    Math.round(height * 1000),
  );
}

/** Axial chest, `height` from 0 (diaphragm) to 1 (apex): lungs, heart, spine, and one nodule. */
export function chestSlice(height: number, sizePixels: number): Phantom {
  const lungSize = 0.55 + 0.45 * Math.sin(Math.PI * Math.min(0.95, height + 0.15));
  const heartSize = Math.max(0, 1 - height * 1.6);
  return draw(
    sizePixels,
    sizePixels,
    (x, y) => {
      const body = ellipse(x, y, 0, 0, 0.9, 0.66);
      if (body > 1) return HU.air;
      if (body > 0.9) return HU.fat;
      if (ellipse(x, y, 0, 0.42, 0.1, 0.12) < 1) return HU.bone;
      if (Math.abs(height - 0.6) < 0.05 && ellipse(x, y, -0.45, -0.1, 0.05, 0.05) < 1) return HU.muscle;
      if (ellipse(x, y, 0.12, -0.12, 0.3 * heartSize + 0.01, 0.26 * heartSize + 0.01) < 1) return HU.blood;
      if (ellipse(Math.abs(x), y, 0.45, 0, 0.3 * lungSize, 0.46 * lungSize) < 1) return HU.lung;
      return body > 0.8 && Math.sin(24 * Math.atan2(y, x)) > 0.75 ? HU.bone : HU.muscle;
    },
    Math.round(height * 1000),
  );
}

/** A scout of head and neck, seen from the front; Hounsfield-like units. */
export function localizerView(sizePixels: number): Phantom {
  return draw(sizePixels, sizePixels, (x, y) => {
    const head = ellipse(x, y, 0, -0.3, 0.4, 0.5);
    const neck = Math.abs(x) < 0.2 && y > 0.1;
    if (head >= 1 && !neck) return HU.air;
    return head < 1 ? 300 - 200 * Math.sqrt(1 - head) + (head > 0.85 ? 400 : 0) : HU.muscle + 100;
  });
}

/** A chest from behind: dark lungs, ribs, heart and spine; 0 to 4095. */
export function chestRadiograph(rows: number, columns: number): Phantom {
  return draw(rows, columns, (x, y) => {
    const body = ellipse(x, y, 0, 0.15, 0.92, 1.15);
    if (body > 1) return 150;
    let grey = 2500 - 500 * body;
    if (ellipse(Math.abs(x), y, 0.42, 0, 0.32, 0.68) < 1) grey -= 1500;
    if (Math.abs(Math.sin(9 * (y + 0.35 * x * x))) > 0.93 && Math.abs(x) > 0.14) grey += 300;
    if (ellipse(x, y, 0.14, 0.32, 0.3, 0.32) < 1) grey += 900;
    if (Math.abs(x) < 0.08) grey += 700;
    return Math.min(4000, Math.max(20, grey));
  });
}

/** A hand from above: five fingers of three bones each, palm and wrist; 0 to 4095. */
export function handRadiograph(rows: number, columns: number): Phantom {
  const fingers = [-1.05, -0.42, -0.14, 0.14, 0.42].map((angle, i) => ({
    alongX: Math.sin(angle),
    alongY: -Math.cos(angle),
    length: [0.75, 1.12, 1.2, 1.12, 0.95][i] ?? 1,
  }));
  return draw(rows, columns, (x, y) => {
    const fromWristY = y - 0.55;
    let grey = 120;
    if (ellipse(x, y, 0, 0.35, 0.42, 0.4) < 1 || (Math.abs(x) < 0.24 && y > 0.5)) grey = 1300;
    for (const { alongX, alongY, length } of fingers) {
      const along = x * alongX + fromWristY * alongY;
      const across = Math.abs(x * alongY - fromWristY * alongX);
      if (along < 0.15 || along > length || across > 0.1) continue;
      grey = Math.max(grey, 1300);
      const isJoint = (along * 4) % 1 < 0.08;
      if (across < 0.05 && !isJoint) grey = across > 0.035 ? 3300 : 2700;
    }
    if (Math.abs(Math.abs(x) - 0.1) < 0.07 && y > 0.62) grey = 3000;
    return grey;
  });
}
