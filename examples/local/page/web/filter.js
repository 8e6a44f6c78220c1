// The filter expression, with completion from the data and errors at their column.
import {useEffect, useLayoutEffect, useRef} from "preact/hooks";
import {html} from "./html.js";
import {get} from "./api.js";
import {change} from "./address.js";
import {useCurrent} from "./current.js";

// Filter is the input. error is what the server said of the filter that the address
// has.
export function Filter({value, error}) {
  const [text, setText] = useCurrent(value);
  const [offer, setOffer] = useCurrent(null); // {from, to, items}
  const [at, setAt] = useCurrent(-1);
  const input = useRef(null);
  const asked = useRef(0);
  useEffect(() => setText(value), [value]);
  useLayoutEffect(() => {
    const onKeyDown = (e) => {
      if (e.key !== "/" || e.target.closest?.("input, select, textarea")) return;
      e.preventDefault();
      input.current.focus();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  const ask = async (filter, caret) => {
    const turn = ++asked.current;
    const answer = await get(`/api/complete?${new URLSearchParams({filter, column: String(caret + 1)})}`).catch(() => null);
    if (turn !== asked.current) return;
    setOffer(answer?.items.length ? answer : null);
    setAt(-1);
  };
  const close = () => {
    asked.current++;
    setOffer(null);
  };
  const apply = (filter) => {
    close();
    change({filter: filter.trim()}, false);
  };
  const take = (item) => {
    const {from, to} = offer.current;
    const letters = [...text.current];
    const next = [...letters.slice(0, from - 1), ...item.text].join("");
    setText(next + letters.slice(to - 1).join(""));
    close();
    queueMicrotask(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.length, next.length);
    });
  };
  const onKeyDown = (e) => {
    const items = offer.current?.items ?? [];
    const n = items.length;
    switch (e.key) {
      case "ArrowDown": if (!n) { ask(text.current, e.target.selectionStart); break; } setAt((at.current + 1) % n); break;
      case "ArrowUp": if (!n) return; setAt((at.current - 1 + n) % n); break;
      case "Tab": if (!n) return; take(items[Math.max(at.current, 0)]); break;
      case "Enter": if (n && at.current >= 0) take(items[at.current]); else apply(text.current); break;
      case "Escape": if (n) close(); else e.target.blur(); break;
      default: return;
    }
    e.preventDefault();
  };
  const wrong = error?.parameter === "filter" ? error : null;
  return html`<search class="filter">
    <input ref=${input} type="text" value=${text.current} placeholder='annotation.tier = "gold" AND responsetime > 0.1' aria-label="Filter expression" role="combobox" aria-expanded=${Boolean(offer.current)} aria-controls="filter-offer"
      aria-activedescendant=${at.current >= 0 ? `filter-offer-${at.current}` : undefined} aria-invalid=${Boolean(wrong)} aria-describedby="filter-error" autocomplete="off" spellcheck="false"
      onInput=${(e) => { setText(e.target.value); ask(e.target.value, e.target.selectionStart); }} onKeyDown=${onKeyDown} onBlur=${() => setTimeout(close, 150)} />
    ${text.current && html`<button aria-label="Clear the filter" onClick=${() => { setText(""); apply(""); }}>×</button>`}
    ${offer.current && html`<ul id="filter-offer" role="listbox">${offer.current.items.map((item, i) => html`<li key=${item.text} id=${`filter-offer-${i}`} role="option" aria-selected=${i === at.current} onMouseDown=${(e) => { e.preventDefault(); take(item); }}>
      <code>${item.text}</code> <small>${item.kind}${item.count > 0 ? ` · ${item.count}` : ""}</small></li>`)}</ul>`}
    ${wrong && html`<p id="filter-error" class="filter-error" role="alert"><code>${" ".repeat(Math.max(0, wrong.column - 1))}▲</code>${wrong.message}</p>`}
  </search>`;
}
