// How numbers, times and outcomes are written, everywhere the same.

// duration writes seconds with the unit that leaves two or three digits.
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const sign = seconds < 0 ? "−" : "";
  const s = Math.abs(seconds);
  if (s === 0) return "0 ms";
  if (s < 0.001) return `${sign}${Math.round(s * 1e6)} µs`;
  if (s < 0.01) return `${sign}${(s * 1e3).toFixed(1)} ms`;
  if (s < 1) return `${sign}${Math.round(s * 1e3)} ms`;
  if (s < 60) return `${sign}${s.toFixed(s < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(s / 60);
  return `${sign}${minutes} min ${Math.round(s - minutes * 60)} s`;
}

// clock writes when something was, seconds since 1970, to the millisecond.
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const d = new Date(seconds * 1000);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
}

// count writes a number of things with its noun.
export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

export function percent(share) {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1 << 20) return `${(n / 1024).toFixed(1)} KiB`;
  return `${(n / (1 << 20)).toFixed(1)} MiB`;
}

// outcomes are told apart by a glyph as well as by a colour.
export const outcomes = {
  ok: {glyph: "✓", text: "OK"},
  error: {glyph: "!", text: "Error 4xx"},
  throttle: {glyph: "⧖", text: "Throttled"},
  fault: {glyph: "✗", text: "Fault 5xx"},
  pending: {glyph: "…", text: "In progress"},
};

// outcome of a segment document, as X-Ray counts it: the worst flag once.
export function outcome(doc) {
  if (doc.in_progress) return "pending";
  if (doc.fault) return "fault";
  if (doc.throttle) return "throttle";
  if (doc.error) return "error";
  return "ok";
}

// statusCode of the HTTP response that a document has.
export function statusCode(doc) {
  return doc.http?.response?.status;
}
