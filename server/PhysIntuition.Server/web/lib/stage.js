// The scene in three dimensions, moved by the engine's own trajectory. It starts as the picture was seen.

import {
  BackSide, BoxGeometry, CanvasTexture, Color, ConeGeometry, CylinderGeometry, DirectionalLight, EdgesGeometry, Fog,
  HemisphereLight, LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial, MeshStandardMaterial,
  OrbitControls, PCFShadowMap, PerspectiveCamera, PlaneGeometry, Quaternion, RepeatWrapping,
  RingGeometry, RoundedBoxGeometry, Scene, SphereGeometry, Sprite, SpriteMaterial, SRGBColorSpace, Vector3, WebGLRenderer,
} from "../vendor/three.js";
import { el, isCalm } from "./dom.js";

const SCALE = 10_000;         // whole numbers of a trajectory for each metre
const INTRO = 0.75;           // s in which what the answer moved goes to its place
const GONE = 100;             // m: bodies further away than this were taken out of the world
const SKY = 180;              // m
const HORIZON = "#d9dadb";

/** A player of trajectories inside a square frame. Throws where the browser has no WebGL. */
export class Stage {
  /**
   * @param {HTMLElement} frame Positioned; gets the canvas.
   * @param {HTMLElement} bar Gets play, time and speed.
   * @param {object} scene As /api/scenes/{task} tells it.
   */
  constructor(frame, bar, scene) {
    this.renderer = new WebGLRenderer({ antialias: true, powerPreference: "low-power" });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.frame = frame;
    this.canvas = this.renderer.domElement;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "The outcome in three dimensions. Arrow keys turn the view.");
    this.meshes = [];
    this.disposables = [];
    this.time = 0;
    this.speed = 1;
    this.isPlaying = false;
    this.#build(scene);
    this.#buildBar(bar);
    frame.append(this.canvas);
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(frame);
    this.#resize();
  }

  /** Shows a trajectory; bodies that start elsewhere than in the scene go there first. */
  show(motion) {
    this.motion = motion;
    this.poses = (frame, body) => motion.poses.slice((frame * motion.bodies + body) * 7, (frame * motion.bodies + body) * 7 + 7);
    this.first = this.meshes.map((_, body) => motion.frames > 0 ? this.#poseAt(0, body) : this.start[body]);
    const isMoved = this.first.some((pose, i) => pose.place.distanceTo(this.start[i].place) > 1e-3);
    this.intro = isMoved ? INTRO : 0.25;
    this.length = this.intro + Math.max(0, motion.frames - 1) / motion.rate;
    this.slider.max = this.length;
    this.seek(isCalm() ? this.length : 0);
    if (!isCalm()) this.play();
  }

  play() {
    if (this.time >= this.length) this.time = 0;
    this.isPlaying = true;
    this.last = undefined;
    this.#label();
    this.#wake();
  }

  pause() {
    this.isPlaying = false;
    this.#label();
  }

  /** Goes to a time, s. */
  seek(time) {
    this.time = Math.min(time, this.length);
    this.#pose();
    this.#wake();
  }

  /** Draws where a block should have gone. */
  addGhost(place, half) {
    const edges = new EdgesGeometry(new BoxGeometry(...half.map((h) => 2 * h)));
    const ghost = new LineSegments(edges, new LineBasicMaterial({ color: "#0b6b3a" }));
    ghost.position.set(...place);
    this.scene.add(ghost);
    this.disposables.push(edges, ghost.material);
    this.#wake();
  }

  /** Draws an arrow in the world. */
  addArrow(from, to, width, color) {
    const [a, b] = [new Vector3(...from), new Vector3(...to)];
    const way = b.clone().sub(a);
    const head = Math.min(way.length() * 0.5, width * 3);
    const material = new MeshStandardMaterial({ color, roughness: 0.6 });
    const shaft = new CylinderGeometry(width / 2, width / 2, Math.max(1e-3, way.length() - head), 16);
    const tip = new ConeGeometry(width * 1.3, head, 20);
    const turn = new Quaternion().setFromUnitVectors(new Vector3(0, 1, 0), way.clone().normalize());
    for (const [geometry, along] of [[shaft, (way.length() - head) / 2], [tip, way.length() - head / 2]]) {
      const mesh = new Mesh(geometry, material);
      mesh.quaternion.copy(turn);
      mesh.position.copy(a).addScaledVector(way.clone().normalize(), along);
      mesh.castShadow = true;
      this.scene.add(mesh);
      this.disposables.push(geometry);
    }
    this.disposables.push(material);
    this.#wake();
  }

  dispose() {
    this.isPlaying = false;
    cancelAnimationFrame(this.request);
    this.resizing.disconnect();
    this.controls.dispose();
    for (const thing of this.disposables) thing.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.canvas.remove();
  }

  #build(scene) {
    const { view, view: { camera } } = scene;
    this.scene = new Scene();
    this.camera = new PerspectiveCamera(camera.fieldOfView * 180 / Math.PI, 1, 0.05, 500);
    this.camera.position.set(...camera.eye);
    const distance = new Vector3(...camera.eye).distanceTo(new Vector3(...camera.target));
    this.scene.fog = new Fog(HORIZON, distance * 1.2, distance * 4.5);
    const dome = new Mesh(this.#keep(new SphereGeometry(SKY, 16, 32)), this.#keep(new MeshBasicMaterial({
      map: this.#keep(sky()), side: BackSide, fog: false,
    })));
    this.scene.add(dome);
    this.controls = new OrbitControls(this.camera, this.canvas);
    this.controls.target.set(...camera.target);
    this.controls.enablePan = false;
    this.controls.enableZoom = false;       // The wheel scrolls the page.
    this.controls.maxPolarAngle = Math.PI / 2 - 0.03;
    this.canvas.style.touchAction = "pan-y";
    this.controls.addEventListener("change", () => this.#wake());
    this.canvas.addEventListener("keydown", (event) => this.#turn(event));
    this.controls.update();
    this.#light(view, distance);
    this.#ground(view, scene.bodies);
    for (const body of scene.bodies) this.#add(body);
    this.start = scene.bodies.map((body) => ({
      place: new Vector3(...body.position), turn: new Quaternion(...body.orientation),
    }));
    for (const mark of scene.overlays) this.#mark(mark);
  }

  #light(view, distance) {
    // Strengths by eye, so that going from the server's picture to this one is no jump.
    const sky = new HemisphereLight(new Color(...view.skyColor), new Color(1.25, 1.15, 1), 2.4);
    const sun = new DirectionalLight(new Color(...view.sunColor), 1.15);
    const reach = distance * 0.62;
    sun.position.set(...view.sunDirection).multiplyScalar(distance * 1.5).add(this.controls.target);
    sun.target.position.copy(this.controls.target);
    sun.castShadow = true;
    sun.shadow.mapSize.set(2048, 2048);
    sun.shadow.radius = 4;
    sun.shadow.normalBias = 0.02;
    Object.assign(sun.shadow.camera, { left: -reach, right: reach, top: reach, bottom: -reach, near: 0.1, far: distance * 4 });
    this.scene.add(sky, sun, sun.target);
  }

  #ground(view, bodies) {
    const edges = bodies.map((body) => 2 * [...body.halfExtents].sort((a, b) => a - b)[1]).sort((a, b) => a - b);
    const tile = edges.length > 0 ? edges.reduce((sum, edge) => sum + edge, 0) / edges.length : 1;
    const size = 400 * tile;
    const texture = this.#keep(floor(view.ground));
    texture.repeat.set(size / (2 * tile), size / (2 * tile));
    texture.anisotropy = 8;
    const geometry = this.#keep(new PlaneGeometry(size, size));
    const ground = new Mesh(geometry, this.#keep(new MeshStandardMaterial({ map: texture, roughness: 0.95 })));
    ground.rotation.x = -Math.PI / 2;
    ground.receiveShadow = true;
    this.scene.add(ground);
  }

  #add(body) {
    const size = body.halfExtents.map((half) => 2 * half);
    const bevel = Math.min(...size) * 0.035;
    const geometry = this.#keep(new RoundedBoxGeometry(...size, 2, bevel));
    const isSmooth = body.material === "plastic";
    const material = this.#keep(new MeshStandardMaterial({
      color: new Color(...body.color), roughness: isSmooth ? 0.3 : 0.72, transparent: true,
    }));
    const mesh = new Mesh(geometry, material);
    mesh.castShadow = mesh.receiveShadow = true;
    this.scene.add(mesh);
    this.meshes.push(mesh);
  }

  #mark(mark) {
    const color = new Color(...mark.color);
    if (mark.kind === "arrow") {
      this.addArrow(mark.from, mark.to, mark.size, color);
    } else if (mark.kind === "zone") {
      const geometry = this.#keep(new RingGeometry(mark.size * 0.9, mark.size * 1.06, 64));
      const ring = new Mesh(geometry, this.#keep(new MeshBasicMaterial({ color: "#15161b" })));
      ring.rotation.x = -Math.PI / 2;
      ring.position.set(mark.from[0], 0.004, mark.from[2]);
      this.scene.add(ring);
    } else {
      const sprite = new Sprite(this.#keep(new SpriteMaterial({ map: this.#keep(word(mark.text)), depthTest: false })));
      sprite.scale.setScalar(mark.size * 1.5);
      const body = nearest(this.meshes.length, mark.from, this.start ?? []);
      const holder = body >= 0 ? this.meshes[body] : this.scene;
      holder.add(sprite);
    }
  }

  #buildBar(bar) {
    this.button = el("button.quiet", { type: "button", onclick: () => (this.isPlaying ? this.pause() : this.play()) });
    this.slider = el("input", {
      type: "range", min: 0, max: 1, step: "any", "aria-label": "Time",
      oninput: () => { this.pause(); this.seek(Number(this.slider.value)); },
    });
    this.output = el("output");
    const slow = el("button.quiet", { type: "button", "aria-pressed": "false", title: "A quarter of the speed" }, "¼×");
    slow.addEventListener("click", () => {
      this.speed = this.speed === 1 ? 0.25 : 1;
      slow.setAttribute("aria-pressed", String(this.speed !== 1));
    });
    bar.replaceChildren(this.button, this.slider, this.output, slow);
    this.#label();
  }

  #label() {
    this.button.textContent = this.isPlaying ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.isPlaying ? "Pause" : "Play");
  }

  // Left and right turn the view around the scene, up and down tilt it.
  #turn(event) {
    const step = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.08], ArrowDown: [0, 0.08] }[event.key];
    if (!step) return;
    event.preventDefault();
    const way = this.camera.position.clone().sub(this.controls.target);
    const radius = way.length();
    const turn = Math.atan2(way.x, way.z) + step[0];
    const tilt = Math.min(1.54, Math.max(0.05, Math.acos(way.y / radius) + step[1]));
    way.set(Math.sin(tilt) * Math.sin(turn), Math.cos(tilt), Math.sin(tilt) * Math.cos(turn)).multiplyScalar(radius);
    this.camera.position.copy(this.controls.target).add(way);
    this.controls.update();
  }

  #poseAt(frame, body) {
    const [x, y, z, a, b, c, d] = this.poses(frame, body).map((number) => number / SCALE);
    return { place: new Vector3(x, y, z), turn: new Quaternion(a, b, c, d).normalize() };
  }

  #pose() {
    const { motion, time, intro } = this;
    this.slider.value = time;
    this.output.textContent = `${Math.max(0, time - intro).toFixed(2)} s`;
    for (const [i, mesh] of this.meshes.entries()) {
      if (time < intro || motion.frames === 0) this.#poseIntro(mesh, i, intro > 0 ? Math.min(1, time / intro) : 1);
      else this.#poseMotion(mesh, i, (time - intro) * motion.rate);
    }
  }

  #poseIntro(mesh, i, share) {
    const [from, to] = [this.start[i], this.first[i]];
    const ease = share * share * (3 - 2 * share);
    mesh.material.opacity = 1;
    mesh.visible = true;
    mesh.quaternion.copy(from.turn);
    if (Math.abs(to.place.z) > GONE) {
      mesh.position.copy(from.place).add(new Vector3(0, 0.5 * ease, 0.4 * ease));
      mesh.material.opacity = 1 - ease;
    } else {
      mesh.position.lerpVectors(from.place, to.place, ease);
    }
  }

  #poseMotion(mesh, i, place) {
    const frame = Math.min(this.motion.frames - 1, Math.floor(place));
    const next = Math.min(this.motion.frames - 1, frame + 1);
    const [a, b] = [this.#poseAt(frame, i), this.#poseAt(next, i)];
    mesh.visible = Math.abs(a.place.z) <= GONE;
    mesh.material.opacity = 1;
    mesh.position.lerpVectors(a.place, b.place, place - frame);
    mesh.quaternion.slerpQuaternions(a.turn, b.turn, Math.min(1, place - frame));
  }

  #resize() {
    const side = this.frame.clientWidth;
    if (side === 0) return;
    this.renderer.setSize(side, side, false);
    this.#wake();
  }

  #wake() {
    if (this.request === undefined) this.request = requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now) {
    this.request = undefined;
    if (this.isPlaying) {
      const step = this.last === undefined ? 0 : Math.min(0.1, (now - this.last) / 1000) * this.speed;
      this.last = now;
      this.seek(this.time + step);
      if (this.time >= this.length) this.pause();
    }
    this.renderer.render(this.scene, this.camera);
  }

  #keep(thing) {
    this.disposables.push(thing);
    return thing;
  }
}

function paint(width, height, draw) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  draw(canvas.getContext("2d"));
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}

function sky() {
  return paint(4, 256, (brush) => {
    const ramp = brush.createLinearGradient(0, 0, 0, 256);
    ramp.addColorStop(0.34, "#b9c3d3");
    ramp.addColorStop(0.49, HORIZON);
    brush.fillStyle = ramp;
    brush.fillRect(0, 0, 4, 256);
  });
}

// Two by two tiles of the ground.
function floor(look) {
  const texture = paint(512, 512, (brush) => {
    brush.fillStyle = look === "planks" || look === "table" ? "#c9a77c" : look === "backdrop" ? "#f1efec" : "#e5e0d6";
    brush.fillRect(0, 0, 512, 512);
    if (look === "checker") {
      brush.fillStyle = "#b9b5ad";
      brush.fillRect(0, 0, 256, 256);
      brush.fillRect(256, 256, 256, 256);
    } else if (look === "tiles") {
      brush.fillStyle = "#cfc8bc";
      for (const at of [0, 256]) {
        brush.fillRect(at - 3, 0, 6, 512);
        brush.fillRect(0, at - 3, 512, 6);
      }
      brush.fillRect(509, 0, 3, 512);
      brush.fillRect(0, 509, 512, 3);
    } else if (look === "planks") {
      brush.fillStyle = "#a98459";
      for (let at = 0; at < 512; at += 64) brush.fillRect(0, at, 512, 3);
    }
  });
  texture.wrapS = texture.wrapT = RepeatWrapping;
  return texture;
}

function word(text) {
  return paint(128, 128, (brush) => {
    brush.font = "800 96px sans-serif";
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineWidth = 14;
    brush.strokeStyle = "#15161b";
    brush.strokeText(text, 64, 68);
    brush.fillStyle = "#ffffff";
    brush.fillText(text, 64, 68);
  });
}

// The body that a label stands on.
function nearest(count, place, starts) {
  let [best, least] = [-1, Infinity];
  for (let i = 0; i < Math.min(count, starts.length); i++) {
    const distance = starts[i].place.distanceTo(new Vector3(...place));
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
