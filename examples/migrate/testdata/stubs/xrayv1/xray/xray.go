// Package xray has what the cases use, for the type checker.
package xray

import "context"

const RequestIDKey = "request_id"

func AWS(client any) {}

func Capture(ctx context.Context, name string, fn func(context.Context) error) error {
	return fn(ctx)
}
