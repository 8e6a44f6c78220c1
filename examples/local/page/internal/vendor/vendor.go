// Package vendor holds the page's npm files to what vendor.json pins.
//
// vendor.json names each package with its version, its licence, and the integrity
// of its tarball as the registry publishes it, and each file taken from it with its
// own hash. Command vendorize, run by go generate, fetches them anew; a test holds
// the files to the hashes without a network.
package vendor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

// Manifest is the name of the list, in the folder of the files.
const Manifest = "vendor.json"

// Package is an npm package of which files are taken.
type Package struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Licence   string `json:"licence"`   // SPDX
	Integrity string `json:"integrity"` // of the tarball: "sha512-" and base64
	Files     []File `json:"files"`
}

// File is one of a package's files.
type File struct {
	From   string `json:"from"` // path within the package
	To     string `json:"to"`   // name in the folder of the manifest
	SHA256 string `json:"sha256"`
}

// Read reads the manifest in dir.
func Read(dir fs.FS) ([]Package, error) {
	b, err := fs.ReadFile(dir, Manifest)
	if err != nil {
		return nil, err
	}
	var packages []Package
	if err := json.Unmarshal(b, &packages); err != nil {
		return nil, fmt.Errorf("%s: %w", Manifest, err)
	}
	return packages, nil
}

// Check returns what differs between the files in dir and its manifest: a file
// that is missing, changed, or on no list.
func Check(dir fs.FS) []error {
	packages, err := Read(dir)
	if err != nil {
		return []error{err}
	}
	var errs []error
	listed := map[string]bool{Manifest: true}
	for _, p := range packages {
		for _, f := range p.Files {
			listed[f.To] = true
			b, err := fs.ReadFile(dir, f.To)
			switch {
			case err != nil:
				errs = append(errs, err)
			case Hash(b) != f.SHA256:
				errs = append(errs, fmt.Errorf("%s is not %s of %s %s: run go generate ./local/page", f.To, f.From, p.Name, p.Version))
			}
		}
	}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return append(errs, err)
	}
	for _, e := range entries {
		if !listed[path.Base(e.Name())] {
			errs = append(errs, fmt.Errorf("%s is not in %s", e.Name(), Manifest))
		}
	}
	return errs
}

// Hash is a file's hash as the manifest has it.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
