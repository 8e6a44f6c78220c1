// Command layer packs the extension as a Lambda layer: layer-arm64.zip and
// layer-amd64.zip, each with extensions/lambdaxray. The same commit gives the same
// bytes with the same Go.
//
//	go run ./layer [directory]
package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	for _, arch := range []string{"arm64", "amd64"} {
		file := filepath.Join(dir, "layer-"+arch+".zip")
		if err := pack(file, arch); err != nil {
			fmt.Fprintln(os.Stderr, "layer:", err)
			os.Exit(1)
		}
		fmt.Println(file)
	}
}

// command is the extension's package.
const command = "github.com/lambdaxray/lambdaxray/exporter/lambdaextension"

// build returns the extension for Linux on arch.
func build(arch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "lambdaxray-layer")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "lambdaxray")
	// No version control: where the sources lie and whether they are committed must not
	// change the bytes. No workspace: its go.work has other versions. purego: net/http
	// brings cryptography along that never runs here, and its assembler is 0.16 MB.
	// funcalign: half of the usual 32 bytes is 0.06 MB, and no slower.
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags=purego", "-ldflags=-s -w -buildid= -funcalign=16", "-o", out, command)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build for %s: %w\n%s", arch, err, text)
	}
	return os.ReadFile(out)
}

func pack(file, arch string) error {
	binary, err := build(arch)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	// Without a time, which would be another one at the next build.
	header := &zip.FileHeader{Name: "extensions/lambdaxray", Method: zip.Deflate}
	header.SetMode(0o755) // Lambda starts what is executable
	f, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := f.Write(binary); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}
