// Tables of names and values.
import {html} from "./html.js";

export function Table({rows}) {
  return html`<table class="facts"><tbody>
    ${rows.filter(([, v]) => v !== undefined && v !== "" && v !== null).map(([k, v]) => html`<tr key=${k}><th scope="row">${k}</th><td>${v}</td></tr>`)}
  </tbody></table>`;
}

// flat lists the members of an object of objects by their path.
export function flat(object, before = "") {
  return Object.entries(object).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? flat(value, `${before}${key}.`)
      : [[before + key, Array.isArray(value) ? value.map((v) => (typeof v === "object" ? JSON.stringify(v) : String(v))).join("\n") : String(value)]]);
}

export function copy(text) {
  return navigator.clipboard?.writeText(text);
}
