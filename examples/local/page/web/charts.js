// Charts are plain SVG: they can be tested by name, used with keys, and printed.
import {html} from "./html.js";
import {count, duration, outcomes} from "./format.js";

// shares splits statistics, {ok, error, throttle, fault, total, seconds}, into
// outcomes, worst last.
export function shares(stats) {
  return ["ok", "error", "throttle", "fault"].map((outcome) => ({outcome, count: stats[outcome]})).filter((s) => s.count > 0);
}

// summarize says statistics in words, for those who do not see the ring.
export function summarize(stats) {
  if (!stats.total) return "no finished calls";
  const parts = shares(stats).map((s) => `${s.count} ${outcomes[s.outcome].text}`);
  return `${count(stats.total, "call")}, average ${duration(average(stats))}: ${parts.join(", ")}`;
}

export function average(stats) {
  return stats.total ? stats.seconds / stats.total : NaN;
}

// Ring is a node's circle: an arc an outcome. Arcs of errors also differ in their
// pattern, by a second, dashed circle above the first.
export function Ring({stats, radius, width}) {
  const length = 2 * Math.PI * radius;
  let before = 0;
  const arcs = shares(stats).map((s) => {
    const arc = (s.count / stats.total) * length;
    const from = before;
    before += arc;
    return {...s, arc, from};
  });
  return html`<g class="ring" transform="rotate(-90)">
    ${arcs.length === 0 && html`<circle class="ring-none" r=${radius} stroke-width=${width} />`}
    ${arcs.map(({outcome, arc, from}) => html`<g key=${outcome}>
      <circle class=${`ring-${outcome}`} r=${radius} stroke-width=${width} stroke-dasharray=${`${arc} ${length - arc}`} stroke-dashoffset=${-from} />
      ${outcome !== "ok" && html`<circle class="ring-pattern" r=${radius} stroke-width=${width} stroke-dasharray=${pattern(outcome, arc, length)} stroke-dashoffset=${-from} />`}
    </g>`)}
  </g>`;
}

// pattern dashes an arc of the ring: dense for faults, sparse for other errors.
function pattern(outcome, arc, length) {
  const [on, off] = {error: [1, 7], throttle: [1, 4], fault: [2, 2]}[outcome];
  const dashes = [];
  for (let used = 0; used + on + off <= arc; used += on + off) dashes.push(on, off);
  return dashes.length === 0 ? `0 ${length}` : [...dashes, 0, length].join(" ");
}

// Histogram draws buckets, {value seconds, count}. A drag chooses a range, which
// onRange gets in seconds.
export function Histogram({buckets, label, onRange}) {
  if (buckets.length === 0) return html`<p class="quiet">${label}: no finished calls</p>`;
  const [width, height, columns] = [320, 72, 40];
  const [low, high] = [buckets[0].value, buckets.at(-1).value];
  const span = high - low || high || 0.001;
  const bars = new Array(columns).fill(0);
  for (const b of buckets) bars[Math.min(columns - 1, Math.floor(((b.value - low) / span) * columns))] += b.count;
  const most = Math.max(...bars);
  const at = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    return low + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * span;
  };
  const drag = onRange && {
    onPointerDown: (e) => {
      const svg = e.currentTarget;
      const from = at(e);
      svg.setPointerCapture(e.pointerId);
      svg.onpointerup = (up) => {
        svg.onpointerup = null;
        const to = at(up);
        if (to !== from) onRange(Math.min(from, to), Math.max(from, to));
      };
    },
  };
  const total = buckets.reduce((n, b) => n + b.count, 0);
  return html`<figure class="histogram">
    <figcaption>${label}${onRange && html`<span class="quiet">, drag to filter</span>`}</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label=${`${label}: ${count(total, "call")} from ${duration(low)} to ${duration(high)}`} ...${drag}>
      ${bars.map((n, i) => n > 0 && html`<rect key=${i} x=${(i * width) / columns} width=${width / columns - 1}
        y=${height - (n / most) * height} height=${(n / most) * height}><title>${`${n} about ${duration(low + ((i + 0.5) * span) / columns)}`}</title></rect>`)}
    </svg>
    <div class="ends"><span>${duration(low)}</span><span>${duration(low + span)}</span></div>
  </figure>`;
}

// Sparkline draws a number a minute: points are {time, value}. marks are times at which a
// line is drawn, for a change of the program.
export function Sparkline({points, label, tone, marks = []}) {
  const [width, height] = [160, 28];
  if (points.length === 0) return null;
  const first = points[0].time;
  const minutes = Math.max(1, Math.round((points.at(-1).time - first) / 60) + 1);
  const most = Math.max(...points.map((p) => p.value), 1);
  const step = width / minutes;
  const total = points.reduce((n, p) => n + p.value, 0);
  return html`<figure class=${`sparkline sparkline-${tone}`}><figcaption>${label}</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label=${`${label}: ${total} in ${count(minutes, "minute")}, at most ${most} a minute`}>
      ${marks.map((t) => ((t - first) / 60) * step).filter((x) => x > 0 && x < width).map((x) => html`<line key=${x} class="reload-mark" x1=${x} x2=${x} y1="0" y2=${height}><title>the program changed</title></line>`)}
      ${points.map((p) => p.value > 0 && html`<rect key=${p.time} x=${((p.time - first) / 60) * step} width=${Math.max(1, Math.min(step - 0.5, 12))} y=${height - (p.value / most) * height} height=${(p.value / most) * height} />`)}
    </svg></figure>`;
}

// Parts is one bar that its parts fill: where the time went. Those of one name and
// kind are drawn as one.
export function Parts({parts, total, label}) {
  const merged = [];
  for (const p of parts) {
    let part = merged.find((m) => m.name === p.name && m.kind === p.kind);
    if (!part) merged.push((part = {name: p.name, kind: p.kind, seconds: 0, beside: []}));
    part.seconds += p.seconds;
    for (const name of p.beside) if (name !== p.name && !part.beside.includes(name)) part.beside.push(name);
  }
  const kinds = {init: "initialization", own: "own work", call: "call", overhead: "Lambda's overhead", dwell: "waiting in the queue"};
  return html`<figure class="parts" data-total=${total}>
    <figcaption>${label} <b>${duration(total)}</b></figcaption>
    <ol>
      ${merged.map((p) => html`<li key=${p.kind + p.name} class=${`part-${p.kind}`} style=${{flexGrow: String(Math.max(p.seconds / total, 0.0001))}} data-seconds=${p.seconds}
        title=${`${kinds[p.kind] ?? p.kind} ${p.name}: ${duration(p.seconds)}${p.beside.length ? `, at the same time as ${p.beside.join(", ")}` : ""}`}>
        <span>${p.kind === "own" || p.kind === "call" || p.kind === "dwell" ? p.name : p.kind}${p.kind === "own" ? " (own)" : ""}${p.beside.length > 0 ? ` ∥ ${p.beside.join(", ")}` : ""}</span> <b>${duration(p.seconds)}</b>
      </li>`)}
    </ol>
  </figure>`;
}
