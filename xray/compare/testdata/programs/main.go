// Programs written against aws-xray-sdk-go, each a function. The test compiles
// this folder against the SDK and against what replaces it.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// programs are called by name.
var programs = map[string]func(context.Context){}

func main() {
	program := programs[os.Args[1]]
	if program == nil {
		fmt.Fprintf(os.Stderr, "no program %q\n", os.Args[1])
		os.Exit(2)
	}
	all, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"default":{"fixed_target":1,"rate":1},"rules":[]}`))
	check(err)
	check(xray.Configure(xray.Config{SamplingStrategy: all}))
	program(context.Background())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
