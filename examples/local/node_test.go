package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeTools makes the scripts the only programs in PATH, and a cache of its own.
func fakeTools(t *testing.T, scripts map[string]string) {
	t.Helper()
	bin := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
}

// What the Node.js function cannot do without is said in a line.
func TestNodeMissing(t *testing.T) {
	const node = "echo v20.1.0"
	for name, c := range map[string]struct {
		scripts map[string]string
		want    string
	}{
		"no node":  {nil, "there is no node in PATH"},
		"no npm":   {map[string]string{"node": node}, "there is no npm in PATH"},
		"old node": {map[string]string{"node": "echo v16.20.2", "npm": ""}, "node is v16.20.2, the packages want v20"},
		"no build": {map[string]string{"node": node, "npm": "", "go": "echo no such thing; exit 1"}, "build the extension: exit status 1: no such thing"},
		"no network": {map[string]string{"node": node, "npm": "echo npm error code ENOTFOUND; echo more; exit 1", "go": ""},
			"npm ci: exit status 1: npm error code ENOTFOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeTools(t, c.scripts)
			n := startNode(t.Context(), t.TempDir())
			<-n.ready
			if n.err == nil || !strings.Contains(n.err.Error(), c.want) || strings.Contains(n.err.Error(), "\n") {
				t.Errorf("%v, want %s", n.err, c.want)
			}
		})
	}
}

// Packages are installed once, without anyone's scripts; an npm that hangs is given up,
// and leaves nothing.
func TestInstallPackages(t *testing.T) {
	source := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fakeTools(t, map[string]string{"npm": "while :; do :; done"})
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := installPackages(ctx, source); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("npm hangs: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(cache, "lambdaxray")); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
	fakeTools(t, map[string]string{"npm": `case "$*" in *--ignore-scripts*) exec /bin/mkdir node_modules;; esac; exit 1`})
	first, err := installPackages(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(os.Getenv("PATH"), "npm")); err != nil {
		t.Fatal(err)
	}
	again, err := installPackages(t.Context(), source)
	if err != nil || again != first {
		t.Errorf("%s and %s: %v", first, again, err)
	}
	if _, err := os.Stat(first); err != nil {
		t.Error(err)
	}
}
