// The timeline of a trace: a table of names, outcomes and durations beside a time
// axis, grouped by segment.
import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {html} from "./html.js";
import {duration, outcomes} from "./format.js";
import {isCall, isInitialization, operation, rows, status} from "./model.js";

const rowHeight = 26; // px, as in the style sheet
const spare = 8; // rows drawn beyond what is seen

// Timeline shows a trace. Only the rows that are in view are in the document.
export function Timeline({trace, selected, onSelect}) {
  const [closed, setClosed] = useState(new Set());
  const [view, setView] = useState({top: 0, height: 600});
  const box = useRef(null);
  const all = rows(trace, closed);
  const toggle = (id) => {
    const next = new Set(closed);
    if (!next.delete(id)) next.add(id);
    setClosed(next);
  };
  useLayoutEffect(() => {
    const element = box.current;
    const look = () => setView({top: element.scrollTop, height: element.clientHeight || 600});
    look();
    element.addEventListener("scroll", look, {passive: true});
    window.addEventListener("resize", look);
    return () => {
      element.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, []);
  useEffect(() => { // a deep link, or the keyboard, may choose what is out of view
    const i = all.findIndex((n) => n.doc.id === selected);
    if (i < 0) return;
    const element = box.current;
    const y = i * rowHeight;
    if (y < element.scrollTop || y + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = y - element.clientHeight / 2;
    }
  }, [selected]);
  const onKeyDown = (e) => {
    const i = all.findIndex((n) => n.doc.id === selected);
    const node = all[i];
    const go = (n) => n && onSelect(n.doc.id);
    switch (e.key) {
      case "ArrowDown": case "j": go(all[i + 1]); break;
      case "ArrowUp": case "k": go(all[Math.max(0, i - 1)]); break;
      case "Home": go(all[0]); break;
      case "End": go(all.at(-1)); break;
      case "ArrowLeft": if (node?.children.length && !closed.has(selected)) toggle(selected); else go(node?.parent); break;
      case "ArrowRight": if (closed.has(selected)) toggle(selected); else go(node?.children[0]); break;
      default: return;
    }
    e.preventDefault();
  };
  const first = Math.max(0, Math.floor(view.top / rowHeight) - spare);
  const last = Math.min(all.length, Math.ceil((view.top + view.height) / rowHeight) + spare);
  const span = trace.end - trace.start || 1e-6;
  return html`<div class="timeline" role="treegrid" aria-label="Timeline" aria-rowcount=${all.length} tabindex="0" onKeyDown=${onKeyDown}>
    <div class="timeline-head" role="row">
      <span role="columnheader">Name</span><span role="columnheader">Status</span><span role="columnheader">Code</span>
      <span role="columnheader">Duration</span><${Axis} span=${span} />
    </div>
    <div class="timeline-rows" ref=${box}>
      <div class="timeline-space" style=${{height: `${all.length * rowHeight}px`}}>
        ${all.slice(first, last).map((node, i) => html`<${Row} key=${node.doc.id} node=${node} at=${first + i} trace=${trace} span=${span}
          open=${!closed.has(node.doc.id)} selected=${node.doc.id === selected} onSelect=${onSelect} onToggle=${toggle} />`)}
      </div>
    </div>
  </div>`;
}

function Axis({span}) {
  const marks = ticks(span);
  return html`<span class="axis-cell" role="columnheader" aria-label="Time">
    ${marks.map((t) => html`<span key=${t} class="tick" style=${{left: `${(t / span) * 100}%`}}>${t === 0 ? "0" : duration(t)}</span>`)}
  </span>`;
}

// ticks are round times, at most six, from zero to below span.
export function ticks(span) {
  const rough = span / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((s) => s >= rough);
  const out = [];
  for (let i = 0; i * step < span * 0.97; i++) out.push(i * step);
  return out;
}

function Row({node, at, trace, span, open, selected, onSelect, onToggle}) {
  const {doc} = node;
  const {outcome, code} = status(node);
  const top = node.depth === 0;
  const left = ((node.start - trace.start) / span) * 100;
  const width = ((node.end - node.start) / span) * 100;
  const text = operation(doc);
  const after = left + width < 70; // the text stands where there is room
  return html`<div class=${`row ${top ? "row-segment" : ""} ${selected ? "row-selected" : ""}`} role="row" aria-rowindex=${at + 1}
      aria-level=${node.depth + 1} aria-selected=${selected} aria-expanded=${node.children.length ? open : undefined}
      data-name=${doc.name} data-id=${doc.id} style=${{top: `${at * rowHeight}px`}} onClick=${() => onSelect(doc.id)}>
    <span class="name" role="gridcell" style=${{paddingLeft: `${node.depth * 14 + 4}px`}} title=${doc.name}>
      ${node.children.length > 0
        ? html`<button class="fold" aria-label=${open ? "Close" : "Open"} tabindex="-1" onClick=${(e) => { e.stopPropagation(); onToggle(doc.id); }}>${open ? "▾" : "▸"}</button>`
        : html`<span class="fold"></span>`}
      ${top ? html`<b>${doc.name}</b>` : doc.name}
      ${node.type && html` <small>${node.type}</small>`}
    </span>
    <span class=${`status status-${outcome}`} role="gridcell" title=${outcomes[outcome].text}>${outcomes[outcome].glyph}</span>
    <span class="code" role="gridcell">${code ?? "–"}</span>
    <span class="took" role="gridcell">${outcome === "pending" ? "…" : duration(node.end - node.start)}</span>
    <span class="bar-cell" role="gridcell">
      <span class=${`bar bar-${outcome} ${isCall(node) ? "bar-call" : isInitialization(node) ? "bar-init" : ""}`} style=${{left: `${left}%`, width: `max(2px, ${width}%)`}}></span>
      ${text && html`<span class="bar-text" style=${after ? {left: `calc(${left + width}% + 6px)`} : {right: `calc(${100 - left}% + 6px)`}}>${text}</span>`}
    </span>
  </div>`;
}
