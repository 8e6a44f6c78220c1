//go:build !sixspans

package handle

import "context"

// Handle does nothing.
func Handle(context.Context, struct{}) (string, error) { return "hello", nil }
