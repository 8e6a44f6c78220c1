# A Ruby function under OpenTelemetry. OTEL_PROPAGATORS has no xray-lambda there: the
# propagator is set in code.
require 'opentelemetry/sdk'
require 'opentelemetry/exporter/otlp'
require 'opentelemetry-instrumentation-aws_lambda'
require 'opentelemetry-propagator-xray'

OpenTelemetry::SDK.configure do |c|
  c.propagators = [OpenTelemetry::Propagator::XRay.lambda_text_map_propagator]
  c.use 'OpenTelemetry::Instrumentation::AwsLambda'
end

module Orders
  extend OpenTelemetry::Instrumentation::AwsLambda::Wrap

  def self.take(event:, context:)
    attributes = { 'http.request.method' => 'GET', 'url.full' => 'http://prices.example.com/prices/tea', 'server.address' => 'prices.example.com' }
    OpenTelemetry.tracer_provider.tracer('orders').in_span('GET', kind: :client, attributes: attributes) {}
    case event['end']
    when 'error' then raise ArgumentError, 'no such order'
    when 'hang' then sleep 3600
    when 'exit' then exit! 1
    end
    { id: event['id'] }
  end
  instrument_handler :take
end
