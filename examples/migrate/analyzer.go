package main

import (
	"flag"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const (
	sdk       = "github.com/aws/aws-xray-sdk-go"
	ours      = "github.com/lambdaxray/lambdaxray/xray"
	lambdaPkg = "github.com/aws/aws-lambda-go/lambda"
)

// newAnalyzer returns the analyzer of both steps. Its flag otel chooses the second.
// traced says which packages depend on the SDK or on package xray, directly or not;
// nil goes by what a package's export data names, which is less.
func newAnalyzer(traced map[string]bool) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name: "xray",
		Doc:  "report uses of aws-xray-sdk-go, and replace them by lambdaxray's package xray (or, with -xray.otel, by lambdaxray and OpenTelemetry)",
		URL:  "https://pkg.go.dev/github.com/lambdaxray/lambdaxray/examples/migrate",
	}
	flags := flag.NewFlagSet("xray", flag.ContinueOnError)
	otel := flags.Bool("otel", false, "step two: to lambdaxray and OpenTelemetry")
	a.Flags = *flags
	a.Run = func(pass *analysis.Pass) (any, error) {
		for _, f := range pass.Files {
			if ast.IsGenerated(f) {
				continue
			}
			m := newMigration(pass, f, *otel)
			m.traced = traced[strings.TrimSuffix(pass.Pkg.Path(), "_test")] || depends(pass.Pkg, map[*types.Package]bool{})
			m.walk()
			m.finish()
		}
		return nil, nil
	}
	return a
}

// migration is one file on its way.
type migration struct {
	pass    *analysis.Pass
	file    *ast.File
	otel    bool
	imports []*imported
	edits   []analysis.TextEdit
	add     map[string]string // imports to add, by path: the name, "" for the package's own
	parents map[ast.Node]ast.Node
	done    map[ast.Node]bool // identifiers that an edit has changed
	traced  bool              // the package depends on the SDK or on package xray
}

// imported is an import of the SDK, of package xray, or one that step two may make
// useless.
type imported struct {
	spec *ast.ImportSpec
	path string
	// folder is the package below the SDK's root, "xray" for package xray itself.
	folder string
	name   *types.PkgName
	uses   int // not changed yet
}

// folderOf returns the package of a path below the SDK's or our root, and whether
// it is the SDK's.
func folderOf(path string) (folder string, theirs, ok bool) {
	for _, root := range []string{sdk + "/v2/", sdk + "/"} {
		if f, found := strings.CutPrefix(path, root); found {
			return f, true, true
		}
	}
	if path == ours {
		return "xray", false, true
	}
	if f, found := strings.CutPrefix(path, ours+"/"); found {
		return f, false, true
	}
	return "", false, false
}

func newMigration(pass *analysis.Pass, f *ast.File, otel bool) *migration {
	m := &migration{pass: pass, file: f, otel: otel, add: map[string]string{}, parents: map[ast.Node]ast.Node{}, done: map[ast.Node]bool{}}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		folder, _, ok := folderOf(path)
		if !ok && path != lambdaPkg {
			continue
		}
		i := &imported{spec: spec, path: path, folder: folder}
		if spec.Name != nil {
			i.name, _ = pass.TypesInfo.Defs[spec.Name].(*types.PkgName)
		} else {
			i.name, _ = pass.TypesInfo.Implicits[spec].(*types.PkgName)
		}
		if i.name != nil {
			m.imports = append(m.imports, i)
		}
	}
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			m.parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		return true
	})
	return m
}

// depends reports whether a package imports the SDK or package xray, directly or
// not.
func depends(p *types.Package, seen map[*types.Package]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	for _, i := range p.Imports() {
		if _, _, ok := folderOf(i.Path()); ok || depends(i, seen) {
			return true
		}
	}
	return false
}

// use is one place where something of the SDK is named: xray.Capture.
type use struct {
	selector *ast.SelectorExpr
	from     *imported
	name     string
}

// walk visits every use in the file.
func (m *migration) walk() {
	var uses []use
	ast.Inspect(m.file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := s.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, i := range m.imports {
			if m.pass.TypesInfo.Uses[id] == i.name {
				i.uses++
				uses = append(uses, use{s, i, s.Sel.Name})
			}
		}
		return true
	})
	for _, u := range uses {
		m.visit(u)
	}
}

func (m *migration) visit(u use) {
	if u.from.path == lambdaPkg {
		m.lambda(u)
		return
	}
	if m.otel && m.stepTwo(u) {
		return
	}
	m.stepOne(u)
	m.report(u)
}

// notThere is what a report says that step one has to leave.
const notThere = "not in package xray"

// report says what a use becomes, unless it is of the kind that nobody needs to
// know of.
func (m *migration) report(u use) {
	key := u.from.folder + "." + u.name
	r, ok := rules[key]
	if !ok {
		if m.otel {
			return
		}
		if _, gone := withoutSuccessor[u.from.folder]; gone {
			m.pass.Reportf(u.selector.Pos(), "%s: "+notThere+": %s", key, withoutSuccessor[u.from.folder])
		}
		return
	}
	switch {
	case m.otel:
		m.pass.Reportf(u.selector.Pos(), "%s: left as it is: %s", key, r.decision())
	case r.decide != "" || !m.would(u):
		m.pass.Reportf(u.selector.Pos(), "%s: stays in step one; step two needs a decision: %s", key, r.decision())
	default:
		m.pass.Reportf(u.selector.Pos(), "%s: stays in step one; step two: %s", key, r.becomes)
	}
}

// would reports whether step two would change a use.
func (m *migration) would(u use) bool {
	edits, add, done, uses := m.edits, m.add, m.done, u.from.uses
	m.add, m.done = maps.Clone(add), maps.Clone(done)
	m.edits = slices.Clip(edits)
	ok := m.stepTwo(u)
	m.edits, m.add, m.done, u.from.uses = edits, add, done, uses
	return ok
}

// replace notes that the text of a node becomes another one.
func (m *migration) replace(from, to token.Pos, text string) {
	m.edits = append(m.edits, analysis.TextEdit{Pos: from, End: to, NewText: []byte(text)})
}

// changed notes that a use is gone from its import.
func (m *migration) changed(u use) {
	if !m.done[u.selector] {
		m.done[u.selector] = true
		u.from.uses--
	}
}

// need notes an import that the edits use, and returns the name it has in the file.
func (m *migration) need(path, name string) string {
	for _, spec := range m.file.Imports {
		if spec.Path.Value == strconv.Quote(path) {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return name
		}
	}
	if m.pass.Pkg.Scope().Lookup(name) != nil || m.taken(name) {
		m.add[path] = "lx" + name
		return m.add[path]
	}
	m.add[path] = ""
	return name
}

// taken reports whether a name means something else anywhere in the file.
func (m *migration) taken(name string) bool {
	found := false
	ast.Inspect(m.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name && m.pass.TypesInfo.Defs[id] != nil {
			found = true
		}
		return !found
	})
	return found
}

// finish changes the imports and reports all edits of the file as one fix, so that
// none of them is applied without the others.
func (m *migration) finish() {
	changing := len(m.edits) > 0
	// Step two too: the SDK's segments and spans are not in one trace.
	m.importsOfStepOne()
	for _, i := range m.imports {
		if _, theirs, _ := folderOf(i.path); m.otel && changing && !theirs && i.uses == 0 && i.spec.Name == nil {
			m.drop(i.spec)
		}
	}
	if len(m.edits) == 0 {
		return
	}
	m.addImports()
	step := "step one: to package xray of lambdaxray"
	if m.otel {
		step = "step two: to lambdaxray and OpenTelemetry"
	}
	m.pass.Report(analysis.Diagnostic{
		Pos:            m.file.Name.Pos(),
		End:            m.file.Name.End(),
		Message:        step,
		SuggestedFixes: []analysis.SuggestedFix{{Message: step, TextEdits: m.edits}},
	})
}
