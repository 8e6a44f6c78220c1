package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
)

// functionPackage is the example that runs when no other command is given.
const functionPackage = "github.com/lambdaxray/lambdaxray/examples/function"

// buildFunction compiles the example function into dir, as it is compiled for
// Lambda but for this machine, and returns the executable. With sdk it is the one
// written against aws-xray-sdk-go, which is a module of its own: it replaces the SDK.
func buildFunction(ctx context.Context, dir string, sdk bool) (string, error) {
	source, err := moduleDir()
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "bootstrap")
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", out, functionPackage)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if sdk {
		cmd = exec.Command("go", "build", "-tags", "lambda.norpc", "-o", out, ".")
		cmd.Dir = filepath.Join(source, "migrate", "function")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	p, err := lambda.StartProcess(cmd)
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("build examples/function: the go command is not in PATH (or run a function of yours: local -- ./bootstrap)")
		}
		return "", fmt.Errorf("build examples/function: %w", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return "", ctx.Err()
	}
	if !cmd.ProcessState.Success() {
		return "", fmt.Errorf("build examples/function in %s: %s\n%s", source, p.State(), bytes.TrimSpace(output.Bytes()))
	}
	return out, nil
}

// moduleDir finds the examples module: where this file was compiled from, or
// else (-trimpath) below the working directory.
func moduleDir() (string, error) {
	var tried []string
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		tried = append(tried, filepath.Dir(filepath.Dir(file)))
	}
	if wd, err := os.Getwd(); err == nil {
		tried = append(tried, filepath.Join(wd, "examples"), wd, filepath.Dir(wd))
	}
	for _, dir := range tried {
		if _, err := os.Stat(filepath.Join(dir, "function", "main.go")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("the source of examples/function is not here: run this in a checkout of the repository, or run a function of yours: local -- ./bootstrap")
}
