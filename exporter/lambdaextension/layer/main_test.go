package main

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// maxBinary is what the extension may weigh, in bytes: every cold start loads it.
const maxBinary = 7_000_000

// Two builds give the same bytes: one static, executable file for Linux that is not
// too large. The other architecture is built once, which takes a minute.
func TestLayer(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the extension three times")
	}
	for arch, machine := range map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64} {
		texts := make([][]byte, 1, 2)
		if arch == runtime.GOARCH {
			texts = texts[:2]
		}
		for i := range texts {
			file := filepath.Join(t.TempDir(), "layer.zip")
			if err := pack(file, arch); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = text
		}
		if !bytes.Equal(texts[0], texts[len(texts)-1]) {
			t.Errorf("%s: two builds differ", arch)
		}
		r, err := zip.NewReader(bytes.NewReader(texts[0]), int64(len(texts[0])))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.File) != 1 || r.File[0].Name != "extensions/lambdaxray" || r.File[0].Mode() != 0o755 {
			t.Fatalf("%s: %+v", arch, r.File)
		}
		f, err := r.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		binary, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		e, err := elf.NewFile(bytes.NewReader(binary))
		if err != nil {
			t.Fatal(err)
		}
		if libs, err := e.ImportedLibraries(); e.Machine != machine || err != nil || len(libs) > 0 {
			t.Errorf("%s: %v, %v, %v", arch, e.Machine, libs, err)
		}
		if len(binary) > maxBinary {
			t.Errorf("%s: %d bytes, at most %d: go tool nm -size -sort size says of what, imports_test.go what must stay out", arch, len(binary), maxBinary)
		}
		t.Logf("%s: %d bytes, zipped %d", arch, len(binary), len(texts[0]))
	}
}
