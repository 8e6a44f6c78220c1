//go:build sixspans

package handle

import (
	"context"

	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/spans"
)

// Handle makes six spans beneath the function span.
func Handle(ctx context.Context, _ struct{}) (string, error) {
	spans.Make(ctx, otel.Tracer("bench"))
	return "hello", nil
}
