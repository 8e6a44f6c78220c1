package lambdaxray_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The README's first program builds as it stands, in a module of its own.
func TestREADMEProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("it is linked, which takes seconds")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(readme), "```go\n")
	program, _, ok := strings.Cut(program, "```")
	if !ok || !strings.HasPrefix(program, "package main") {
		t.Fatalf("the README's first program is %q", program)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": program, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const module = "github.com/lambdaxray/lambdaxray"
	for _, args := range [][]string{
		{"mod", "init", "orders"},
		{"mod", "edit", "-require=" + module + "@v0.0.0", "-replace=" + module + "=" + here}, // in place of go get
		{"build", "-mod=mod", "-tags", "lambda.norpc", "-o", "bootstrap", "."},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
