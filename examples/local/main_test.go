package main

import (
	"os"
	"testing"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
)

// envMain makes the test binary the command itself, with the test function.
const envMain = "LOCAL_TEST_MAIN"

func TestMain(m *testing.M) {
	testfunction.Main()
	if os.Getenv(envMain) != "" {
		os.Unsetenv(envMain)
		os.Setenv(testfunction.EnvKind, "echo")
		main()
	}
	os.Exit(m.Run())
}
