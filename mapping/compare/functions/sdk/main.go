// Command sdk is the hello-world function with OpenTelemetry's SDK and a span
// processor that does nothing: the floor of all that use the SDK.
package main

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/handle"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/otel"
)

func main() { otel.Start(handle.Handle, sdktrace.WithSpanProcessor(nothing{})) }

type nothing struct{}

func (nothing) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nothing) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (nothing) Shutdown(context.Context) error                  { return nil }
func (nothing) ForceFlush(context.Context) error                { return nil }
