/* The viewer of a window in a browser: one canvas (WebGL 2), no library, nothing fetched.
   Data stand in the page as JSON (view/packed.py). Every text goes in as text, never as markup. */
"use strict";
(() => {
const VERTEX = `#version 300 es
in vec3 place; in float value;
uniform mat4 camera; uniform vec3 offset; uniform mat4 turn;
out vec3 at; out vec3 seen; out float v;
void main() { at = place; vec3 p = place + offset; seen = (turn * vec4(p, 1.0)).xyz; v = value; gl_Position = camera * vec4(p, 1.0); }`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec3 at; in vec3 seen; in float v;
uniform sampler2D map; uniform vec2 range; uniform vec4 plain; uniform vec4 plane; uniform float cut; uniform float lit;
out vec4 colour;
void main() {
  if (cut > 0.5 && dot(at, plane.xyz) > plane.w) discard;
  vec3 n = normalize(cross(dFdx(seen), dFdy(seen)));
  float shade = lit > 0.5 ? 0.72 + 0.28 * abs(n.z) : 1.0;
  vec4 c = plain;
  if (plain.a < 0.0) {
    float t = clamp((v - range.x) / (range.y - range.x), 0.0, 1.0);
    c = vec4(texture(map, vec2((t * 255.0 + 0.5) / 256.0, 0.5)).rgb, -plain.a);
  }
  colour = vec4(c.rgb * shade * c.a, c.a);
}`;

// --- small algebra: matrices as arrays of 16 by columns
const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = a => { const s = Math.hypot(...a) || 1; return [a[0] / s, a[1] / s, a[2] / s]; };
function times(a, b) {
  const m = new Float32Array(16);
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) for (let k = 0; k < 4; k++) m[4 * j + i] += a[4 * k + i] * b[4 * j + k];
  return m;
}
function look(eye, to, up) {
  const z = unit(sub(eye, to)), x = unit(cross(up, z)), y = cross(z, x);
  return new Float32Array([x[0], y[0], z[0], 0, x[1], y[1], z[1], 0, x[2], y[2], z[2], 0, -dot(x, eye), -dot(y, eye), -dot(z, eye), 1]);
}
function lens(angle, aspect, near, far) {
  const f = 1 / Math.tan(angle / 2);
  return new Float32Array([f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, 2 * far * near / (near - far), 0]);
}

// --- data
async function bytes(text) {
  const raw = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
const floats = async text => new Float32Array(await bytes(text));
const integers = async text => new Uint32Array(await bytes(text));
async function fields(given) {
  const made = {};
  for (const [name, f] of Object.entries(given)) made[name] = { low: f.low, high: f.high, data: new Uint16Array(await bytes(f.data)) };
  return made;
}
const SPLIT = { hex: [[0, 1, 3, 7], [0, 1, 7, 4], [1, 2, 3, 7], [1, 2, 7, 6], [1, 4, 5, 7], [1, 5, 6, 7]], wedge: [[0, 1, 2, 5], [0, 1, 5, 4], [0, 4, 5, 3]], tet: [[0, 1, 2, 3]] };
const CORNERS = { hex: 8, wedge: 6, tet: 4 };

async function unpack(d) {
  for (const s of d.solids) {
    s.points = await floats(s.points); s.triangles = await integers(s.triangles); s.edges = await integers(s.edges);
    s.fields = await fields(s.fields);
    for (const k of Object.keys(s.cells)) s.cells[k] = await integers(s.cells[k]);
  }
  for (const c of d.cracks) { c.points = await floats(c.points); c.triangles = await integers(c.triangles); c.fields = await fields(c.fields); }
  for (const f of d.fronts) for (const k of ["points", "time", "k", "toughness", "error"]) f[k] = await floats(f[k]);
  for (const r of d.ribs) r.points = await floats(r.points);
  for (const p of d.pieces) { p.corners = await floats(p.corners); p.cut = new Uint8Array(await bytes(p.cut)); }
  return d;
}

const format = x => !isFinite(x) ? "–" : Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(3) : String(Number(x.toPrecision(4)));

/** Tube round a polyline; with `dash` only every other stretch of that length. Triangles as plain points. */
function tube(line, radius, dash) {
  const found = [], n = line.length / 3, P = i => [line[3 * i], line[3 * i + 1], line[3 * i + 2]];
  const pieces = [];
  let gone = 0;
  for (let i = 0; i + 1 < n; i++) {
    const a = P(i), b = P(i + 1), d = sub(b, a), s = Math.hypot(...d);
    if (!(s > 0)) continue;
    if (!dash) { pieces.push([a, b]); continue; }
    for (let at = 0; at < s;) {
      const next = Math.min(s, at + dash - ((gone + at) % dash) + 1e-12);
      if (Math.floor((gone + at + 1e-12) / dash) % 2 === 0) pieces.push([0, 1].map(e => { const t = (e ? next : at) / s; return [a[0] + t * d[0], a[1] + t * d[1], a[2] + t * d[2]]; }));
      at = next;
    }
    gone += s;
  }
  for (const [a, b] of pieces) {
    const d = unit(sub(b, a)), u = unit(cross(d, Math.abs(d[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0])), w = cross(d, u), ring = [];
    for (let k = 0; k <= 6; k++) { const c = Math.cos(k * Math.PI / 3) * radius, s = Math.sin(k * Math.PI / 3) * radius; ring.push([u[0] * c + w[0] * s, u[1] * c + w[1] * s, u[2] * c + w[2] * s]); }
    for (let k = 0; k < 6; k++) {
      const r = ring[k], q = ring[k + 1], A = e => [e[0] + r[0], e[1] + r[1], e[2] + r[2]], B = e => [e[0] + q[0], e[1] + q[1], e[2] + q[2]];
      found.push(...A(a), ...B(a), ...B(b), ...A(a), ...B(b), ...A(b));
    }
  }
  return new Float32Array(found);
}
function ball(p, r) {
  const found = [], E = [[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]];
  for (const z of [1, -1]) for (let k = 0; k < 4; k++) {
    const a = E[k], b = E[(k + 1) % 4], mid = unit([a[0] + b[0], a[1] + b[1], 0]), c = [0, 0, z];
    const at = q => { const s = unit(q); return [p[0] + r * s[0], p[1] + r * s[1], p[2] + r * s[2]]; };
    const ac = [a[0], a[1], z], bc = [b[0], b[1], z], ab = [mid[0], mid[1], 0];
    for (const t of [[a, ab, ac], [ab, b, bc], [ab, bc, ac], [ac, bc, c]]) for (const q of t) found.push(...at(q));
  }
  return new Float32Array(found);
}

class Viewer {
  constructor(root, d) {
    this.root = root; this.d = d;
    this.state = { time: d.governing, field: d.fields[0] || "", crackField: d.crack_fields[0] || "", perInstant: false,
      cut: true, axis: "crack", depth: 0, explode: 0, leave: 0, hidden: new Set(), front: d.worst ? d.worst[0] : 0, point: d.worst ? d.worst[1] : 0 };
    this.build(); this.start(); this.section(); this.frame(); this.draw();
    root.dataset.ready = "1";
  }

  // --- page
  element(kind, parent, options = {}) {
    const e = document.createElement(kind);
    for (const [k, v] of Object.entries(options)) if (k === "text") e.textContent = v; else if (k === "on") for (const [n, f] of Object.entries(v)) e.addEventListener(n, f); else if (k in e && k !== "list") e[k] = v; else e.setAttribute(k, v);
    if (parent) parent.appendChild(e);
    return e;
  }
  build() {
    const d = this.d, s = this.state, root = this.root, E = (k, p, o) => this.element(k, p, o);
    root.textContent = "";
    const left = E("div", root, { className: "dl-left" }), right = E("div", root, { className: "dl-right" });
    const stage = E("div", left, { className: "dl-stage" }), frame = E("div", stage, { className: "dl-frame" });
    this.canvas = E("canvas", frame, { className: "dl-canvas", tabIndex: 0 });
    this.canvas.setAttribute("aria-label", "the window in three dimensions; drag turns it, the wheel comes nearer, shift and drag moves it");
    this.bars = E("div", stage, { className: "dl-bars" });
    const time = E("div", left, { className: "dl-row" });
    this.play = E("button", time, { type: "button", text: "play", on: { click: () => this.run() } });
    const [t0, t1] = this.span();
    this.slider = E("input", time, { type: "range", min: t0, max: t1, step: (t1 - t0) / 1000 || 1, value: s.time, className: "dl-time", on: { input: () => { s.time = Number(this.slider.value); this.draw(); } } });
    this.slider.setAttribute("aria-label", "time");
    this.told = E("div", left, { className: "dl-told" });
    const choice = (label, values, get, set) => {
      const row = E("label", right, { className: "dl-line", text: label + " " });
      const box = E("select", row, { on: { change: () => { set(box.value); this.draw(); } } });
      for (const [v, text] of values) E("option", box, { value: v, text });
      box.value = get; return box;
    };
    const N = n => d.names[n] || n;
    if (d.fields.length) this.fieldBox = choice("panes", [...d.fields.map(f => [f, N(f)]), ["", "plain glass"]], s.field, v => { s.field = v; });
    if (d.crack_fields.length || d.ribs.length) choice("crack", [...d.crack_fields.map(f => [f, N(f)]), ["", "plain"]], s.crackField, v => { s.crackField = v; });
    choice("colour range", [["", "whole history"], ["1", "this instant"]], "", v => { s.perInstant = v === "1"; });
    const check = (text, on, f) => { const row = E("label", right, { className: "dl-line" }); const box = E("input", row, { type: "checkbox", checked: on, on: { change: () => { f(box.checked); this.draw(); } } }); E("span", row, { text: " " + text }); return box; };
    const slide = (text, low, high, value, f) => { const row = E("label", right, { className: "dl-line", text: text + " " }); const box = E("input", row, { type: "range", min: low, max: high, step: (high - low) / 200, value, on: { input: () => { f(Number(box.value)); this.draw(); } } }); return box; };
    this.cutBox = check("cut open", s.cut, v => { s.cut = v; this.section(); });
    choice("cut", [["crack", "through the crack"], ["x", "across x"], ["y", "across y"], ["z", "across z"]], s.axis, v => { s.axis = v; this.section(); });
    this.cutSlider = slide("place of the cut", -1, 1, 0, v => { s.depth = v; this.section(); });
    slide("pull the stack apart", 0, 1, 0, v => { s.explode = v; });
    if (d.pieces.length) slide("pieces on their way", 0, 1, 0, v => { s.leave = v; });
    E("div", right, { className: "dl-head", text: "shown" });
    for (const p of [...d.solids, ...d.cracks.map(c => ({ name: "crack " + c.name })), ...(d.fronts.length ? [{ name: "fronts" }] : []), ...(d.ribs.length ? [{ name: "ribs of growth" }] : []), ...(d.pieces.length ? [{ name: "pieces" }] : [])])
      check(p.name, true, v => { if (v) s.hidden.delete(p.name); else s.hidden.add(p.name); });
    if (d.fronts.length) {
      const row = choice("K at", d.fronts.map((f, i) => [String(i), f.name]), String(s.front), v => { s.front = Number(v); s.point = 0; this.pointSlider.max = d.fronts[s.front].n - 1; this.pointSlider.value = 0; });
      this.frontBox = row;
      this.pointSlider = slide("point of the front", 0, d.fronts[s.front].n - 1, s.point, v => { s.point = Math.round(v); });
      this.pointSlider.step = 1; this.pointSlider.value = s.point;
      this.chart = E("canvas", right, { className: "dl-chart", width: 640, height: 400, on: { click: e => this.pickTime(e) } });
      this.reading = E("div", right, { className: "dl-told" });
    }
    E("div", right, { className: "dl-note", text: "Drag: turn. Wheel: nearer. Shift and drag: move. Click a front: K there." + (d.left_out.length ? " Left out to keep the file small: " + d.left_out.join("; ") + "." : "") });
    this.mouse();
  }
  span() { const t = this.d.times, f = this.d.fronts.flatMap(f => [f.time[0], f.time[f.m - 1]]); return [Math.min(...t, ...f), Math.max(...t, ...f)]; }

  // --- graphics
  start() {
    const gl = this.gl = this.canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true, alpha: false });
    if (!gl) throw new Error("no WebGL 2 here");
    const shader = (kind, text) => { const s = gl.createShader(kind); gl.shaderSource(s, text); gl.compileShader(s); if (!gl.getShaderParameter(s, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(s)); return s; };
    const p = this.program = gl.createProgram();
    gl.attachShader(p, shader(gl.VERTEX_SHADER, VERTEX)); gl.attachShader(p, shader(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.bindAttribLocation(p, 0, "place"); gl.bindAttribLocation(p, 1, "value"); gl.linkProgram(p); gl.useProgram(p);
    this.at = {};
    for (const n of ["camera", "offset", "turn", "map", "range", "plain", "plane", "cut", "lit"]) this.at[n] = gl.getUniformLocation(p, n);
    this.textures = {};
    for (const [name, text] of Object.entries(this.d.maps)) {
      const rgb = Uint8Array.from(atob(text), c => c.charCodeAt(0)), t = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, t); gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, rgb);
      for (const k of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, k, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
      this.textures[name] = { t, rgb };
    }
    gl.enable(gl.DEPTH_TEST); gl.enable(gl.BLEND); gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA); gl.clearColor(1, 1, 1, 1);
    const low = [1e9, 1e9, 1e9], high = [-1e9, -1e9, -1e9];
    for (const s of this.d.solids) for (let i = 0; i < s.points.length; i++) { low[i % 3] = Math.min(low[i % 3], s.points[i]); high[i % 3] = Math.max(high[i % 3], s.points[i]); }
    this.centre = low.map((x, i) => (x + high[i]) / 2); this.size = Math.hypot(...sub(high, low)); this.height = high[2] - low[2]; this.low = low; this.high = high;
    const m = this.d.middle, azimuth = Math.atan2(m[1], m[0]);
    this.view = { azimuth: azimuth - 1.05, tilt: 0.75, far: 1.45 * this.size, to: [...this.centre] };
    for (const s of this.d.solids) s.gl = { place: this.buffer(s.points), value: gl.createBuffer(), tri: this.buffer(s.triangles, gl.ELEMENT_ARRAY_BUFFER), edge: this.buffer(s.edges, gl.ELEMENT_ARRAY_BUFFER) };
    const thin = 0.0028 * this.size, cracky = this.crackSize();
    for (const c of this.d.cracks) {
      c.gl = { place: this.buffer(c.points), value: gl.createBuffer(), tri: this.buffer(c.triangles, gl.ELEMENT_ARRAY_BUFFER) };
      c.tube = this.soup(tube(new Float32Array(c.line.flat()), thin));
    }
    for (const f of this.d.fronts) { f.radius = Math.min(thin, 0.03 * cracky); f.tube = this.soup(tube(f.points, f.radius)); }
    const ribTop = Math.max(...this.d.ribs.map(r => r.time), 1), ribLow = Math.min(...this.d.ribs.map(r => r.time), ribTop - 1);
    for (const r of this.d.ribs) { r.tube = this.soup(tube(r.points, 0.5 * thin, r.indicative ? 4 * thin : 0)); r.share = (r.time - ribLow) / (ribTop - ribLow || 1); }
    for (const p of this.d.pieces) {
      const skin = [], cut = [];
      for (let i = 0; i < p.n; i++) (p.cut[i] ? cut : skin).push(...p.corners.subarray(9 * i, 9 * i + 9));
      p.skin = this.soup(new Float32Array(skin)); p.face = this.soup(new Float32Array(cut));
    }
    new ResizeObserver(() => { this.frame(); this.draw(); }).observe(this.canvas);
  }
  crackSize() {
    let top = 0;
    for (const f of this.d.fronts) for (let a = 0; a < 3; a++) { let lo = 1e9, hi = -1e9; for (let i = 0; i < f.n; i++) { lo = Math.min(lo, f.points[3 * i + a]); hi = Math.max(hi, f.points[3 * i + a]); } top = Math.max(top, hi - lo); }
    return top || this.size;
  }
  buffer(data, kind) { const gl = this.gl, b = gl.createBuffer(); kind = kind || gl.ARRAY_BUFFER; gl.bindBuffer(kind, b); gl.bufferData(kind, data, gl.STATIC_DRAW); return b; }
  soup(points) { return { place: this.buffer(points), n: points.length / 3 }; }
  frame() {
    const r = Math.min(window.devicePixelRatio || 1, 2), w = Math.max(2, Math.round(this.canvas.clientWidth * r)), h = Math.max(2, Math.round(this.canvas.clientHeight * r));
    if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = w; this.canvas.height = h; }
  }
  matrices() {
    const v = this.view, c = Math.cos(v.tilt), far = v.far * (1 + 1.1 * this.state.explode), eye = [v.to[0] + far * c * Math.cos(v.azimuth), v.to[1] + far * c * Math.sin(v.azimuth), v.to[2] + far * Math.sin(v.tilt)];
    const turn = look(eye, v.to, Math.abs(v.tilt) > 1.55 ? [-Math.cos(v.azimuth), -Math.sin(v.azimuth), 0] : [0, 0, 1]);
    return { turn, camera: times(lens(0.5, this.canvas.width / this.canvas.height, 0.02 * far, 20 * (far + this.size)), turn) };
  }

  // --- fields in time
  mix() {
    const t = this.d.times, x = this.state.time;
    if (t.length < 2 || x <= t[0]) return [0, 0, 0];
    if (x >= t[t.length - 1]) return [t.length - 1, t.length - 1, 0];
    let i = 0; while (t[i + 1] < x) i++;
    return [i, i + 1, (x - t[i]) / (t[i + 1] - t[i])];
  }
  values(part, name) {
    const f = part.fields[name], [a, b, w] = this.mix(), n = part.n, out = new Float32Array(n), scale = (f.high > f.low ? f.high - f.low : 1) / 65535;
    for (let i = 0; i < n; i++) out[i] = f.low + scale * ((1 - w) * f.data[a * n + i] + w * f.data[b * n + i]);
    return out;
  }
  range(name, parts) {
    let low = Infinity, high = -Infinity;
    for (const p of parts) {
      if (!p.fields[name] || !p.n) continue;
      if (this.state.perInstant) { for (const v of this.values(p, name)) { low = Math.min(low, v); high = Math.max(high, v); } }
      else { low = Math.min(low, p.fields[name].low); high = Math.max(high, p.fields[name].high); }
    }
    return [low, high];
  }
  /** What the shader maps to 0..1: symmetric about zero for stress, so that white is zero. */
  mapped(name, [low, high]) { if (name.startsWith("stress")) { const m = Math.max(Math.abs(low), Math.abs(high)) || 1; return [-m, m]; } return [low, high > low ? high : low + 1]; }

  // --- the cut
  plane() {
    const s = this.state, m = this.d.middle, r = Math.hypot(m[0], m[1]);
    if (s.axis === "x" || s.axis === "y" || s.axis === "z") {
      const i = "xyz".indexOf(s.axis), n = [0, 0, 0]; n[i] = i === 1 ? -1 : 1;
      return [...n, n[i] * (this.centre[i] + s.depth * 0.5 * (this.high[i] - this.low[i]))];
    }
    const a = r > 1e-6 ? Math.atan2(m[1], m[0]) : 0, n = [Math.sin(a), -Math.cos(a), 0], crack = 0.0004 * this.size;
    return [...n, -crack + s.depth * 0.4 * this.size];
  }
  section() {
    const P = this.cutPlane = this.plane(), n = P.slice(0, 3);
    for (const s of this.d.solids) {
      s.cutNodes = null;
      if (!this.state.cut) continue;
      const side = new Float32Array(s.n), x = s.points, rows = [];
      for (let i = 0; i < s.n; i++) side[i] = n[0] * x[3 * i] + n[1] * x[3 * i + 1] + n[2] * x[3 * i + 2] - P[3];
      for (const [family, cells] of Object.entries(s.cells)) {
        const w = CORNERS[family];
        for (let c = 0; c < cells.length; c += w) {
          let up = 0; for (let k = 0; k < w; k++) if (side[cells[c + k]] > 0) up++;
          if (up === 0 || up === w) continue;
          for (const t of SPLIT[family]) {
            const q = t.map(k => cells[c + k]), above = q.filter(i => side[i] > 0), below = q.filter(i => side[i] <= 0);
            const e = (a, b) => [a, b, side[a] / (side[a] - side[b])];
            if (above.length === 1) rows.push(...below.map(b => e(above[0], b)));
            else if (above.length === 3) rows.push(...above.map(a => e(a, below[0])));
            else if (above.length === 2) { const [a, b] = above, [c2, d2] = below, q4 = [e(a, c2), e(a, d2), e(b, d2), e(b, c2)]; rows.push(q4[0], q4[1], q4[2], q4[0], q4[2], q4[3]); }
          }
        }
      }
      const place = new Float32Array(3 * rows.length);
      rows.forEach(([a, b, t], i) => { for (let k = 0; k < 3; k++) place[3 * i + k] = (1 - t) * x[3 * a + k] + t * x[3 * b + k]; });
      s.cutNodes = rows; s.cutPlace = this.buffer(place); s.cutValue = s.cutValue || this.gl.createBuffer();
    }
  }

  // --- drawing
  offset(level) { const n = Math.max(...this.d.solids.map(s => s.level), 0); return [0, 0, this.state.explode * (n / 2 - level) * Math.max(0.35 * this.size, this.height)]; }
  put(place, n, { index = null, value = null, plain = [0.8, 0.8, 0.8, 1], map = null, range = [0, 1], offset = [0, 0, 0], cut = false, lit = true, kind = null }) {
    const gl = this.gl, u = this.at;
    if (!n) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, place); gl.enableVertexAttribArray(0); gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    if (value) { gl.bindBuffer(gl.ARRAY_BUFFER, value); gl.enableVertexAttribArray(1); gl.vertexAttribPointer(1, 1, gl.FLOAT, false, 0, 0); } else { gl.disableVertexAttribArray(1); gl.vertexAttrib1f(1, 0); }
    if (map) { gl.activeTexture(gl.TEXTURE0); gl.bindTexture(gl.TEXTURE_2D, this.textures[map].t); gl.uniform1i(u.map, 0); }
    gl.uniform2fv(u.range, range); gl.uniform4fv(u.plain, map ? [0, 0, 0, -plain[3]] : plain); gl.uniform3fv(u.offset, offset);
    gl.uniform4fv(u.plane, this.cutPlane); gl.uniform1f(u.cut, cut ? 1 : 0); gl.uniform1f(u.lit, lit ? 1 : 0);
    if (index) { gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, index); gl.drawElements(kind || gl.TRIANGLES, n, gl.UNSIGNED_INT, 0); } else gl.drawArrays(kind || gl.TRIANGLES, 0, n);
  }
  draw() {
    const gl = this.gl, d = this.d, s = this.state, { turn, camera } = this.matrices(), shown = p => !s.hidden.has(p);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.at.camera, false, camera); gl.uniformMatrix4fv(this.at.turn, false, turn);
    const seen = d.solids.filter(p => shown(p.name)), bars = [];
    const range = s.field ? this.range(s.field, seen) : null, mapped = range && isFinite(range[0]) ? this.mapped(s.field, range) : null;
    const crackRange = s.crackField ? this.range(s.crackField, d.cracks) : null;
    if (mapped) bars.push([s.field, range, mapped]);
    const glass = [];
    for (const c of d.cracks) {
      if (!shown("crack " + c.name)) continue;
      const offset = this.offset(c.level);
      this.put(c.tube.place, c.tube.n, { plain: [0.07, 0.07, 0.07, 1], offset });
      if (c.fields[s.crackField] && c.n) {
        gl.bindBuffer(gl.ARRAY_BUFFER, c.gl.value); gl.bufferData(gl.ARRAY_BUFFER, this.values(c, s.crackField), gl.DYNAMIC_DRAW);
        this.put(c.gl.place, c.triangles.length, { index: c.gl.tri, value: c.gl.value, map: s.crackField, range: this.mapped(s.crackField, crackRange), offset, plain: [0, 0, 0, 1], lit: false });
      } else this.put(c.gl.place, c.triangles.length, { index: c.gl.tri, plain: [0.55, 0.5, 0.62, 1], offset });
    }
    if (crackRange && isFinite(crackRange[0])) bars.push([s.crackField, crackRange, this.mapped(s.crackField, crackRange)]);
    if (shown("fronts")) for (const f of d.fronts) this.put(f.tube.place, f.tube.n, { plain: [0.835, 0.369, 0, 1], offset: this.offset(f.level), lit: false });
    if (shown("ribs of growth")) for (const r of d.ribs) if (r.time <= s.time + 1e-6) this.put(r.tube.place, r.tube.n, { plain: [0.27 - 0.2 * r.share, 0.1 + 0.7 * r.share, 0.45 - 0.2 * r.share, 1], offset: this.offset(r.level), lit: false });
    if (shown("pieces")) for (const p of d.pieces) {
      const o = this.offset(p.level), far = s.leave * 0.4 * this.size, off = o.map((x, i) => x + far * p.way[i]);
      if (s.leave > 0) { this.put(p.skin.place, p.skin.n, { plain: [0.7, 0.82, 0.9, 1], offset: off }); this.put(p.face.place, p.face.n, { plain: [0.9, 0.62, 0, 1], offset: off }); }
    }
    const f = d.fronts[s.front];
    if (f) { const q = this.soup(ball([f.points[3 * s.point], f.points[3 * s.point + 1], f.points[3 * s.point + 2]], 2.4 * f.radius)); this.put(q.place, q.n, { plain: [0.8, 0, 0, 1], offset: this.offset(f.level), lit: false }); gl.deleteBuffer(q.place); }
    for (const p of seen) {
      const offset = this.offset(p.level), has = mapped && p.fields[s.field], cut = s.cut && Object.keys(p.cells).length > 0;
      if (d.pieces.length && s.leave > 0 && p.kind === "pane" && d.pieces.some(q => q.level === p.level)) continue;
      if (has) { gl.bindBuffer(gl.ARRAY_BUFFER, p.gl.value); const v = this.values(p, s.field); gl.bufferData(gl.ARRAY_BUFFER, v, gl.DYNAMIC_DRAW);
        if (p.cutNodes) { gl.bindBuffer(gl.ARRAY_BUFFER, p.cutValue); gl.bufferData(gl.ARRAY_BUFFER, Float32Array.from(p.cutNodes, ([a, b, t]) => (1 - t) * v[a] + t * v[b]), gl.DYNAMIC_DRAW); } }
      const look = { offset, cut, map: has ? s.field : null, range: mapped || [0, 1], plain: p.kind === "retainer" ? [0.62, 0.64, 0.66, 1] : [0.74, 0.85, 0.93, 1] };
      const ink = () => this.put(p.gl.place, p.edges.length, { index: p.gl.edge, kind: gl.LINES, plain: [0.15, 0.15, 0.15, 1], offset, cut, lit: false });
      if (!has && p.kind === "pane" && !s.field) { glass.push([p, { ...look, plain: [0.56 * 1, 0.72, 0.87, 0.22] }]); ink(); continue; }
      this.put(p.gl.place, p.triangles.length, { ...look, index: p.gl.tri, value: has ? p.gl.value : null });
      if (p.cutNodes) this.put(p.cutPlace, p.cutNodes.length, { ...look, cut: false, value: has ? p.cutValue : null, lit: false });
      ink();
    }
    gl.depthMask(false);
    for (const [p, look] of glass) { this.put(p.gl.place, p.triangles.length, { ...look, index: p.gl.tri, lit: false }); if (p.cutNodes) this.put(p.cutPlace, p.cutNodes.length, { ...look, cut: false, lit: false }); }
    gl.depthMask(true);
    this.legend(bars); this.tell();
  }
  legend(bars) {
    this.bars.textContent = "";
    for (const [name, [low, high], [a, b]] of bars) {
      const box = this.element("div", this.bars, { className: "dl-bar" });
      box.dataset.field = name; box.dataset.low = low; box.dataset.high = high;
      this.element("div", box, { className: "dl-bartitle", text: this.d.names[name] || name });
      const c = this.element("canvas", box, { width: 14, height: 160 }), g = c.getContext("2d"), rgb = this.textures[name].rgb;
      for (let y = 0; y < 160; y++) { const v = high - (high - low) * y / 159, k = 3 * Math.max(0, Math.min(255, Math.floor((v - a) / (b - a) * 255.999))); g.fillStyle = `rgb(${rgb[k]},${rgb[k + 1]},${rgb[k + 2]})`; g.fillRect(0, y, 14, 1); }
      const ticks = this.element("div", box, { className: "dl-ticks" });
      for (let k = 4; k >= 0; k--) this.element("span", ticks, { text: format(low + (high - low) * k / 4) });
    }
  }
  tell() {
    const d = this.d, s = this.state, [a, b, w] = this.mix(), height = this.altitude(s.time), past = d.events.filter(e => e[0] <= s.time + 1e-9).slice(-1)[0];
    this.slider.value = s.time;
    let text = `${format(s.time)} s after ${d.since}`;
    if (height !== null) text += `, ${format(height / 1e3)} km`;
    if (w > 0.002 && w < 0.998) text += `; fields between the stored instants ${format(d.times[a])} and ${format(d.times[b])} s`; else text += `; fields as stored at ${format(d.times[w > 0.5 ? b : a])} s`;
    if (past) text += `. Last event: ${past[1]} (${format(past[0])} s)`;
    this.told.textContent = text;
    if (this.chart) this.plot();
  }
  altitude(t) {
    const h = this.d.altitude; if (!h.length) return null;
    let i = 0; while (i + 2 < h.length && h[i + 1][0] < t) i++;
    if (h.length < 2) return h[0][1];
    const w = Math.max(0, Math.min(1, (t - h[i][0]) / (h[i + 1][0] - h[i][0] || 1)));
    return (1 - w) * h[i][1] + w * h[i + 1][1];
  }
  plot() {
    const s = this.state, f = this.d.fronts[s.front], g = this.chart.getContext("2d"), W = this.chart.width, H = this.chart.height, L = 74, R = 14, T = 34, B = 54;
    const col = (table, i) => table[i * f.n + s.point];
    const [t0, t1] = this.span(); let top = 0, low = 0;
    for (let i = 0; i < f.m; i++) { top = Math.max(top, col(f.k, i) + col(f.error, i) || 0, Math.min(col(f.toughness, i) || 0, 1e6)); low = Math.min(low, col(f.k, i) || 0); }
    top *= 1.08; const X = t => L + (W - L - R) * (t - t0) / (t1 - t0 || 1), Y = v => H - B - (H - B - T) * (v - low) / (top - low || 1);
    g.fillStyle = "#fff"; g.fillRect(0, 0, W, H); g.font = "19px sans-serif"; g.lineWidth = 1; g.strokeStyle = "#ddd"; g.fillStyle = "#333";
    for (let k = 0; k <= 4; k++) { const v = low + (top - low) * k / 4, t = t0 + (t1 - t0) * k / 4; g.beginPath(); g.moveTo(L, Y(v)); g.lineTo(W - R, Y(v)); g.stroke(); g.textAlign = "right"; g.fillText(format(Number(v.toPrecision(2))), L - 6, Y(v) + 6); g.textAlign = "center"; g.fillText(format(Math.round(t)), Math.min(X(t), W - 26), H - B + 24); }
    g.textAlign = "left"; g.fillText("K [MPa √m] with its error; dashed: K_Ic", 8, 22); g.textAlign = "center"; g.fillText("time [s]", (L + W) / 2, H - 8);
    g.beginPath(); for (let i = 0; i < f.m; i++) g.lineTo(X(f.time[i]), Y(col(f.k, i) + col(f.error, i))); for (let i = f.m - 1; i >= 0; i--) g.lineTo(X(f.time[i]), Y(col(f.k, i) - col(f.error, i))); g.fillStyle = "rgba(213,94,0,0.25)"; g.fill();
    const line = (table, colour, dash) => { g.setLineDash(dash); g.strokeStyle = colour; g.lineWidth = 2.4; g.beginPath(); let on = false; for (let i = 0; i < f.m; i++) { const v = col(table, i); if (!isFinite(v)) { on = false; continue; } if (on) g.lineTo(X(f.time[i]), Y(v)); else g.moveTo(X(f.time[i]), Y(v)); on = true; } g.stroke(); g.setLineDash([]); };
    line(f.k, "#D55E00", []); line(f.toughness, "#000", [8, 6]);
    g.strokeStyle = "#0072B2"; g.lineWidth = 2; g.beginPath(); g.moveTo(X(s.time), T); g.lineTo(X(s.time), H - B); g.stroke();
    let i = 0; while (i + 2 < f.m && f.time[i + 1] < s.time) i++;
    const w = f.m < 2 ? 0 : Math.max(0, Math.min(1, (s.time - f.time[i]) / (f.time[i + 1] - f.time[i] || 1))), at = table => f.m < 2 ? col(table, 0) : (1 - w) * col(table, i) + w * col(table, i + 1);
    const k = at(f.k), c = at(f.toughness), e = at(f.error), p = [0, 1, 2].map(a => format(1e3 * f.points[3 * s.point + a]));
    g.fillStyle = "#0072B2"; g.beginPath(); g.arc(X(s.time), Y(k), 5, 0, 7); g.fill();
    this.reading.textContent = `${f.name}, point ${s.point + 1} of ${f.n} at (${p.join(", ")}) mm: K = ${format(k)} ± ${format(e)} MPa √m, K/K_Ic = ${format(k / c)}`;
    this.reading.dataset.ratio = k / c;
  }
  pickTime(e) { const r = this.chart.getBoundingClientRect(), x = (e.clientX - r.left) / r.width * this.chart.width, [t0, t1] = this.span(); this.state.time = Math.max(t0, Math.min(t1, t0 + (t1 - t0) * (x - 74) / (this.chart.width - 88))); this.draw(); }
  run() {
    if (this.timer) { clearInterval(this.timer); this.timer = null; this.play.textContent = "play"; return; }
    const [t0, t1] = this.span(); this.play.textContent = "stop";
    if (this.state.time >= t1) this.state.time = t0;
    this.timer = setInterval(() => { this.state.time = Math.min(t1, this.state.time + (t1 - t0) / 200); this.draw(); if (this.state.time >= t1) this.run(); }, 60);
  }
  mouse() {
    let from = null, moved = 0;
    const c = this.canvas;
    c.addEventListener("pointerdown", e => { from = [e.clientX, e.clientY]; moved = 0; c.setPointerCapture(e.pointerId); });
    c.addEventListener("pointermove", e => {
      if (!from) return;
      const dx = e.clientX - from[0], dy = e.clientY - from[1], v = this.view; from = [e.clientX, e.clientY]; moved += Math.abs(dx) + Math.abs(dy);
      if (e.shiftKey || e.buttons === 2) { const { turn } = this.matrices(), s = v.far / c.clientHeight * 0.51; for (let k = 0; k < 3; k++) v.to[k] += s * (-dx * turn[4 * k] + dy * turn[4 * k + 1]); }
      else { v.azimuth -= dx * 0.008; v.tilt = Math.max(-1.57, Math.min(1.57, v.tilt + dy * 0.008)); }
      this.draw();
    });
    c.addEventListener("pointerup", e => { if (from && moved < 4) this.pick(e); from = null; });
    c.addEventListener("contextmenu", e => e.preventDefault());
    c.addEventListener("wheel", e => { e.preventDefault(); this.view.far *= Math.exp(0.001 * e.deltaY); this.draw(); }, { passive: false });
    c.addEventListener("keydown", e => { const v = this.view, k = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[e.key]; if (k) { e.preventDefault(); v.azimuth += k[0]; v.tilt = Math.max(-1.57, Math.min(1.57, v.tilt + k[1])); this.draw(); } else if (e.key === "+" || e.key === "-") { v.far *= e.key === "+" ? 0.9 : 1.1; this.draw(); } });
  }
  pick(e) {
    const r = this.canvas.getBoundingClientRect(), x = e.clientX - r.left, y = e.clientY - r.top, { camera } = this.matrices(); let best = 24, found = null;
    this.d.fronts.forEach((f, n) => { const o = this.offset(f.level); for (let i = 0; i < f.n; i++) { const q = this.screen(camera, [0, 1, 2].map(a => f.points[3 * i + a] + o[a]), r), far = Math.hypot(q[0] - x, q[1] - y); if (far < best) { best = far; found = [n, i]; } } });
    if (!found) return;
    [this.state.front, this.state.point] = found; this.frontBox.value = String(found[0]); this.pointSlider.max = this.d.fronts[found[0]].n - 1; this.pointSlider.value = found[1]; this.draw();
  }
  screen(m, p, r) { const q = [0, 1, 3].map(i => m[i] * p[0] + m[4 + i] * p[1] + m[8 + i] * p[2] + m[12 + i]); return [(q[0] / q[2] + 1) / 2 * r.width, (1 - q[1] / q[2]) / 2 * r.height]; }
}

for (const data of document.querySelectorAll("script.deadlight-view")) {
  const root = document.getElementById(data.dataset.root);
  unpack(JSON.parse(data.textContent)).then(d => { root.viewer = new Viewer(root, d); }).catch(problem => {
    root.dataset.ready = "0";
    root.textContent = "The 3D view cannot be shown by this browser (" + problem.message + "); the pictures below show the same.";
  });
}
})();
