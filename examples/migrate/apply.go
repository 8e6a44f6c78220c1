package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// result is what the analyzer found in all packages.
type result struct {
	reports []string
	edits   map[string][]edit // by file
	added   []string          // paths of ours and of OpenTelemetry's that the edits import
}

type edit struct {
	from, to int // offsets
	text     string
}

// analyze loads packages, tests included, and looks at them.
func analyze(dir string, patterns []string, otel bool) (*result, error) {
	config := &packages.Config{Mode: packages.LoadSyntax, Tests: true, Dir: dir}
	pkgs, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, err
	}
	var broken []string
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			broken = append(broken, e.Error())
		}
	})
	if len(broken) > 0 {
		slices.Sort(broken)
		return nil, fmt.Errorf("the packages have to compile first:\n%s", strings.Join(slices.Compact(broken), "\n"))
	}
	if len(pkgs) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	traced, err := tracedPackages(dir, patterns)
	if err != nil {
		return nil, err
	}
	a := newAnalyzer(traced)
	if otel {
		if err := a.Flags.Set("otel", "true"); err != nil {
			return nil, err
		}
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		return nil, err
	}
	r := &result{edits: map[string][]edit{}}
	seen := map[string]bool{} // a package and its test variant have files in common
	for act := range graph.All() {
		if act.Err != nil {
			return nil, act.Err
		}
		if !act.IsRoot {
			continue
		}
		for _, d := range act.Diagnostics {
			r.take(act.Package.Fset, d, seen)
		}
	}
	slices.Sort(r.added)
	r.added = slices.Compact(r.added)
	return r, nil
}

// tracedPackages returns the paths of those packages that depend on the SDK or on
// package xray.
func tracedPackages(dir string, patterns []string) (map[string]bool, error) {
	config := &packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: dir}
	pkgs, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, err
	}
	traced := map[string]bool{}
	packages.Visit(pkgs, nil, func(p *packages.Package) { // dependencies first
		for path := range p.Imports {
			if _, _, ok := folderOf(path); ok || traced[path] {
				traced[p.PkgPath] = true
			}
		}
	})
	return traced, nil
}

func (r *result) take(fset *token.FileSet, d analysis.Diagnostic, seen map[string]bool) {
	at := fset.Position(d.Pos)
	key := at.String() + d.Message
	if seen[key] {
		return
	}
	seen[key] = true
	if len(d.SuggestedFixes) == 0 {
		r.reports = append(r.reports, relative(at.Filename)+":"+strconv.Itoa(at.Line)+":"+strconv.Itoa(at.Column)+": "+d.Message)
		slices.SortFunc(r.reports, byPlace)
		return
	}
	for _, e := range d.SuggestedFixes[0].TextEdits {
		file := fset.File(e.Pos)
		r.edits[at.Filename] = append(r.edits[at.Filename], edit{file.Offset(e.Pos), file.Offset(e.End), string(e.NewText)})
		for line := range strings.Lines(string(e.NewText)) {
			if path, err := strconv.Unquote(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:])); err == nil && strings.Contains(path, ".") && strings.Contains(path, "/") {
				r.added = append(r.added, path)
			}
		}
	}
}

// byPlace orders reports by file and line.
func byPlace(a, b string) int {
	split := func(s string) (file string, line int) {
		parts := strings.SplitN(s, ":", 3)
		line, _ = strconv.Atoi(parts[1])
		return parts[0], line
	}
	fa, la := split(a)
	fb, lb := split(b)
	if c := strings.Compare(fa, fb); c != 0 {
		return c
	}
	return la - lb
}

func relative(name string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return name
}

func (r *result) summary() string {
	decisions := 0
	for _, s := range r.reports {
		if strings.Contains(s, "needs a decision") {
			decisions++
		}
	}
	if len(r.reports) == 0 && len(r.edits) == 0 {
		return "nothing uses aws-xray-sdk-go or package xray"
	}
	return fmt.Sprintf("%d uses, %d of them need a decision in step two; step one (-fix) needs none; files it changes: %d",
		len(r.reports), decisions, len(r.edits))
}

// apply makes the edits and returns the files that changed. Unless dry, they are
// written.
func (r *result) apply(dry bool) ([]string, error) {
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(r.edits)) {
		info, err := os.Stat(name)
		if err != nil {
			return changed, err
		}
		old, err := os.ReadFile(name)
		if err != nil {
			return changed, err
		}
		text, err := edited(old, r.edits[name])
		if err != nil {
			return changed, fmt.Errorf("%s: %w", name, err)
		}
		if bytes.Equal(old, text) {
			continue
		}
		changed = append(changed, relative(name))
		if dry {
			continue
		}
		if err := os.WriteFile(name, text, info.Mode().Perm()); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// edited returns text with edits. A file that gofmt would leave alone is so again
// afterwards, with its imports in order; another one keeps its layout.
func edited(text []byte, edits []edit) ([]byte, error) {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to
	})
	edits = slices.Compact(edits)
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.from < at {
			return nil, fmt.Errorf("edits overlap at byte %d; nothing was changed", e.from)
		}
		out.Write(text[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(text[at:])
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the result does not parse, nothing was changed: %w", err)
	}
	if before, err := format.Source(text); err == nil && bytes.Equal(before, text) {
		return formatted, nil
	}
	return out.Bytes(), nil
}
