package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is exported and what stands for it under the SDK's paths go together.
func TestUpToDate(t *testing.T) {
	t.Chdir("../..")
	for _, tree := range trees {
		for _, p := range packages {
			folders := []string{p.ours}
			if p.theirs == "xray" {
				folders = append(folders, tree.extra...)
			}
			for _, folder := range folders {
				want, err := tree.alias(p.theirs, folder)
				if err != nil {
					t.Fatal(err)
				}
				name := filepath.Join(tree.dir, p.theirs, fileName(p.theirs, folder))
				got, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s is not what is exported now; run go run ./internal/alias", name)
				}
			}
		}
	}
}
