// The pinhole camera of the pictures, so that a finger on the picture means a place in the world.
// Pictures are squares of side 1, x to the right and y down.

const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a) => { const length = Math.hypot(...a); return a.map((x) => x / length); };

export class PictureCamera {
  /** @param {{eye: number[], target: number[], fieldOfView: number}} view m and rad. */
  constructor(view) {
    this.eye = view.eye;
    this.forward = unit(minus(view.target, view.eye));
    this.right = unit(cross(this.forward, [0, 1, 0]));
    this.up = cross(this.right, this.forward);
    this.reach = Math.tan(view.fieldOfView / 2);
  }

  /** Where a place is seen. */
  project(place) {
    const way = minus(place, this.eye);
    const depth = dot(way, this.forward);
    return [0.5 + dot(way, this.right) / (2 * this.reach * depth), 0.5 - dot(way, this.up) / (2 * this.reach * depth)];
  }

  /** The place on a plane that is seen at a point: axis is 0, 1 or 2, value its coordinate in m. */
  place([x, y], axis, value) {
    const a = (2 * x - 1) * this.reach;
    const b = (1 - 2 * y) * this.reach;
    const ray = this.forward.map((f, i) => f + a * this.right[i] + b * this.up[i]);
    const length = (value - this.eye[axis]) / ray[axis];
    return this.eye.map((e, i) => e + length * ray[i]);
  }

  /** The visible faces of an upright cuboid, as polygons in the picture, far ones first. */
  faces(centre, half) {
    const faces = [];
    for (let axis = 0; axis < 3; axis++) {
      for (const sign of [-1, 1]) {
        const middle = centre.map((c, i) => c + (i === axis ? sign * half[i] : 0));
        if (sign * (this.eye[axis] - middle[axis]) <= 0) continue;
        const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
        const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => {
          const corner = [...middle];
          corner[u] += a * half[u];
          corner[v] += b * half[v];
          return this.project(corner);
        });
        faces.push({ kind: ["side", "top", "front"][axis], corners });
      }
    }
    return faces;
  }
}
