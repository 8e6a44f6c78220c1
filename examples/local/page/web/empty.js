// What is shown before the first trace has come.
import {html} from "./html.js";

export function Empty({health}) {
  const {daemon, http} = health?.addresses ?? {};
  return html`<section class="empty"><h1>Waiting for the first trace</h1>
    <p>This page becomes the service map by itself. Send something here:</p>
    <h2>From an X-Ray SDK, or lambdaxray</h2><pre>export AWS_XRAY_DAEMON_ADDRESS=${daemon || "…"}</pre>
    <h2>From an OpenTelemetry SDK in any language</h2><pre>export OTEL_EXPORTER_OTLP_ENDPOINT=${http || "…"} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</pre>
    <h2>From an AWS SDK or the CLI</h2><pre>aws xray put-trace-segments --endpoint-url ${http || "…"} --trace-segment-documents file://documents.json</pre>
  </section>`;
}
