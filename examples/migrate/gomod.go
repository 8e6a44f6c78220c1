package main

import (
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// modules are ours, the longest path first.
var modules = []string{ours + "/xrayfasthttp", ours + "/xraygrpc", ours + "/awsv1", ours, lambdaxray}

// requireModules has go.mod of the module in dir require what the edits import, and
// runs go mod tidy. Modules that go.mod replaces stay as they are.
func requireModules(dir string, imports []string, version string, stderr io.Writer) error {
	var need []string
	for _, path := range imports {
		for _, m := range modules {
			if path == m || strings.HasPrefix(path, m+"/") {
				need = append(need, m)
				break
			}
		}
	}
	slices.Sort(need)
	for _, m := range slices.Compact(need) {
		if replaced(dir, m) {
			if err := goCommand(dir, stderr, "mod", "edit", "-require="+m+"@v0.0.0"); err != nil {
				return err
			}
			continue
		}
		if err := goCommand(dir, stderr, "get", m+"@"+version); err != nil {
			return fmt.Errorf("%w\nthe files are changed; run go get %s@%s and go mod tidy by hand", err, m, version)
		}
	}
	if err := goCommand(dir, stderr, "mod", "tidy"); err != nil {
		return fmt.Errorf("%w\nthe files are changed; run go mod tidy by hand", err)
	}
	return nil
}

// replaced reports whether go.mod replaces a module.
func replaced(dir, module string) bool {
	cmd := exec.Command("go", "mod", "edit", "-print")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "replace "))
		if len(fields) >= 3 && fields[0] == module && slices.Contains(fields, "=>") {
			return true
		}
	}
	return false
}

func goCommand(dir string, stderr io.Writer, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = stderr, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
