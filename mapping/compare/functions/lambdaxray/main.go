// Command lambdaxray is the hello-world function traced by lambdaxray.
package main

import (
	"context"

	"github.com/lambdaxray/lambdaxray"
)

func main() { lambdaxray.Start(handle) }

func handle(context.Context, struct{}) (string, error) { return "hello", nil }
