// A saved file: one trace or one map, from the data within, without a server.
import {render} from "preact";
import {html} from "./html.js";
import {ServiceMap} from "./map.js";
import "./theme.js";
import {Trace} from "./trace.js";

const answer = JSON.parse(document.getElementById("data").textContent);
const view = answer.segments ? html`<${Trace} answer=${answer} saved />` : html`<${ServiceMap} graph=${answer} />`;
render(html`<main>${view}<footer class="quiet">Saved from the local X-Ray of lambdaxray.</footer></main>`, document.getElementById("app"));
