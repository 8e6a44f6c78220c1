// Command vendorize fetches the files that vendor.json lists from the npm registry
// and writes them beside it, with their hashes into it. It needs npm.
//
//	vendorize web/vendor
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lambdaxray/lambdaxray/examples/local/page/internal/vendor"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vendorize FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "vendorize:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	packages, err := vendor.Read(os.DirFS(dir))
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := fetch(dir, p); err != nil {
			return fmt.Errorf("%s %s: %w", p.Name, p.Version, err)
		}
	}
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(packages); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, vendor.Manifest), list.Bytes(), 0o644)
}

// fetch writes the files of p to dir and their hashes into p. Nothing is written
// of a tarball that is not the one pinned.
func fetch(dir string, p vendor.Package) error {
	temp, err := os.MkdirTemp("", "vendorize-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	pack := exec.Command("npm", "pack", p.Name+"@"+p.Version, "--json", "--ignore-scripts", "--pack-destination", temp)
	pack.Stderr = os.Stderr
	out, err := pack.Output()
	if err != nil {
		return fmt.Errorf("npm pack: %w", err)
	}
	var packed []struct {
		Filename string `json:"filename"`
	}
	if err := json.Unmarshal(out, &packed); err != nil || len(packed) != 1 {
		return fmt.Errorf("npm pack answered %q", out)
	}
	tarball, err := os.ReadFile(filepath.Join(temp, filepath.Base(packed[0].Filename)))
	if err != nil {
		return err
	}
	sum := sha512.Sum512(tarball)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != p.Integrity {
		return fmt.Errorf("the tarball's integrity is %s, pinned is %s", got, p.Integrity)
	}
	contents, err := extract(tarball)
	if err != nil {
		return err
	}
	for i, f := range p.Files {
		b, ok := contents[f.From]
		if !ok {
			return fmt.Errorf("has no file %s", f.From)
		}
		p.Files[i].SHA256 = vendor.Hash(b)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.To)), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// extract returns the files of a tarball by their path within the package.
func extract(tarball []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		return nil, err
	}
	contents := map[string][]byte{}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return contents, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		_, name, _ := strings.Cut(header.Name, "/") // "package/" or the like
		contents[name] = b
	}
}
