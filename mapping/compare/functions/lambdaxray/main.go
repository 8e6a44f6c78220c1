// Command lambdaxray is the hello-world function traced by lambdaxray.
package main

import (
	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/handle"
)

func main() { lambdaxray.Start(handle.Handle) }
