package main

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// moved are identifiers of the SDK's package xray that have a module of their own:
// what they import would be in every binary.
var moved = map[string]string{
	"AWS":                          "awsv1",
	"AWSSession":                   "awsv1",
	"AWSWithWhitelist":             "awsv1",
	"AWSSessionWithWhitelist":      "awsv1",
	"RequestIDKey":                 "awsv1",
	"ExtendedRequestIDKey":         "awsv1",
	"S3ExtendedRequestIDHeaderKey": "awsv1",
	"UnaryClientInterceptor":       "xraygrpc",
	"UnaryServerInterceptor":       "xraygrpc",
	"GrpcOption":                   "xraygrpc",
	"WithRecorder":                 "xraygrpc",
	"WithSegmentNamer":             "xraygrpc",
	"NewFastHTTPInstrumentor":      "xrayfasthttp",
	"FastHTTPHandler":              "xrayfasthttp",
}

// withoutSuccessor are packages of the SDK that package xray does not have.
var withoutSuccessor = map[string]string{
	"utils":        "it is the SDK's own clock; write the line that is needed",
	"utils/awserr": "it is of the SDK's own tests",
	"resources":    "it is inside the SDK",
}

// stepOne moves what has a module of its own.
func (m *migration) stepOne(u use) {
	pkg := moved[u.name]
	if pkg == "" || u.from.folder != "xray" || u.from.path == ours {
		return
	}
	name := m.need(ours+"/"+pkg, pkg)
	m.replace(u.selector.X.Pos(), u.selector.X.End(), name)
	m.changed(u)
}

// importsOfStepOne changes the SDK's paths to ours.
func (m *migration) importsOfStepOne() {
	for _, i := range m.imports {
		folder, theirs, ok := folderOf(i.path)
		if !ok || !theirs {
			continue
		}
		if _, gone := withoutSuccessor[folder]; gone || strings.HasPrefix(folder, "internal") {
			continue
		}
		if i.uses == 0 && i.spec.Name.String() != "_" && i.spec.Name.String() != "." {
			m.drop(i.spec)
			continue
		}
		path := ours
		if folder != "xray" {
			path += "/" + folder
		}
		m.replace(i.spec.Path.Pos(), i.spec.Path.End(), strconv.Quote(path))
	}
}

// drop removes an import with its line.
func (m *migration) drop(spec *ast.ImportSpec) {
	decl := m.parents[spec].(*ast.GenDecl)
	var node ast.Node = spec
	if !decl.Lparen.IsValid() {
		node = decl
	}
	from, to := node.Pos(), node.End()
	if spec.Comment != nil {
		to = spec.Comment.End()
	}
	file := m.pass.Fset.File(from)
	line := file.Line(from)
	shared := false // the line has something else on it
	for _, s := range decl.Specs {
		shared = shared || s != spec && file.Line(s.Pos()) == line
	}
	if decl.Lparen.IsValid() {
		shared = shared || file.Line(decl.Lparen) == line || file.Line(decl.Rparen) == line
	}
	if !shared && line < file.LineCount() {
		from, to = file.LineStart(line), file.LineStart(line+1)
	}
	m.replace(from, to, "")
}

// addImports adds the imports that are needed: after the last one of the first
// block, or in a block of their own.
func (m *migration) addImports() {
	if len(m.add) == 0 {
		return
	}
	var lines strings.Builder
	for _, path := range slices.Sorted(maps.Keys(m.add)) {
		name := m.add[path]
		if name != "" {
			name += " "
		}
		lines.WriteString("\t" + name + strconv.Quote(path) + "\n")
	}
	var block, single *ast.GenDecl
	for _, d := range m.file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			if g.Lparen.IsValid() && block == nil {
				block = g
			}
			single = g
		}
	}
	file := m.pass.Fset.File(m.file.Pos())
	switch {
	case block != nil:
		at := file.LineStart(file.Line(block.Rparen))
		m.replace(at, at, lines.String())
	case single != nil:
		// The line after it: it may be one that goes.
		at := file.LineStart(min(file.Line(single.End())+1, file.LineCount()))
		m.replace(at, at, "\nimport (\n"+lines.String()+")\n")
	}
}
