package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

const (
	lambdaxray = "github.com/lambdaxray/lambdaxray"
	otelPath   = "go.opentelemetry.io/otel"
	otelhttp   = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelaws    = "go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
)

// lambda is lambda.Start in a program that is traced: there the function span is
// made.
func (m *migration) lambda(u use) {
	if !m.otel || !m.traced || m.pass.Pkg.Name() != "main" {
		return
	}
	switch call := m.call(u); {
	case u.name == "Start" && call != nil && len(call.Args) == 1:
		m.rename(u, lambdaxray, "lambdaxray", "Start")
	case u.name == "StartWithOptions" || u.name == "StartHandler" || u.name == "StartWithContext" || u.name == "StartHandlerWithContext":
		m.pass.Reportf(u.selector.Pos(), "lambda.%s: left as it is: lambdaxray.Start takes the handler itself, and options with lambdaxray.WithLambdaOptions", u.name)
	}
}

// stepTwo changes a use, if it can, and reports whether it did.
func (m *migration) stepTwo(u use) bool {
	switch u.from.folder + "." + u.name {
	case "xray.Capture":
		return m.rename(u, lambdaxray, "lambdaxray", "Capture")
	case "xray.TraceID":
		return m.rename(u, lambdaxray, "lambdaxray", "TraceID")
	case "xray.RoundTripper":
		return m.call(u) != nil && m.rename(u, otelhttp, "otelhttp", "NewTransport")
	case "xray.DetachContext":
		return m.rename(u, "context", "context", "WithoutCancel")
	case "xray.AddAnnotation":
		return m.discarded(u) && m.rename(u, lambdaxray, "lambdaxray", "Annotate")
	case "xray.AddMetadataToNamespace":
		return m.discarded(u) && m.rename(u, lambdaxray, "lambdaxray", "Metadata")
	case "xray.AddMetadata":
		if !m.discarded(u) {
			return false
		}
		first := m.call(u).Args[0]
		m.replace(first.End(), first.End(), `, ""`)
		return m.rename(u, lambdaxray, "lambdaxray", "Metadata")
	case "xray.TraceIDHeaderKey", "xray.LambdaTraceHeaderKey":
		m.replace(u.selector.Pos(), u.selector.End(), `"x-amzn-trace-id"`)
		m.changed(u)
		return true
	case "xray.Client":
		return m.client(u)
	case "xray.Configure":
		return m.configure(u)
	case "xray.Config":
		return m.done[u.selector]
	case "xray.BeginSubsegment":
		return m.subsegment(u)
	case "instrumentation/awsv2.AWSV2Instrumentor":
		return m.call(u) != nil && m.rename(u, otelaws, "otelaws", "AppendMiddlewares")
	}
	return false
}

// rename changes xray.Old to name.New.
func (m *migration) rename(u use, path, name, sel string) bool {
	m.replace(u.selector.Pos(), u.selector.End(), m.need(path, name)+"."+sel)
	m.changed(u)
	return true
}

// call returns the call of which a use is the function, nil if it is none.
func (m *migration) call(u use) *ast.CallExpr {
	c, ok := m.parents[u.selector].(*ast.CallExpr)
	if !ok || c.Fun != u.selector || c.Ellipsis.IsValid() {
		return nil
	}
	return c
}

// discarded reports whether nobody looks at the result of a call; it takes "_ ="
// away.
func (m *migration) discarded(u use) bool {
	c := m.call(u)
	if c == nil || len(c.Args) < 2 {
		return false
	}
	switch p := m.parents[c].(type) {
	case *ast.ExprStmt:
		return true
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && len(p.Rhs) == 1 && blank(p.Lhs[0]) && m.statement(p) {
			m.replace(p.Pos(), c.Pos(), "")
			return true
		}
	}
	return false
}

func blank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// statement reports whether s stands by itself, and not in the head of an if, for
// or switch.
func (m *migration) statement(s ast.Stmt) bool {
	switch m.parents[s].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// client changes xray.Client(nil).
func (m *migration) client(u use) bool {
	c := m.call(u)
	if c == nil || len(c.Args) != 1 || !m.pass.TypesInfo.Types[c.Args[0]].IsNil() {
		return false
	}
	if _, selected := m.parents[c].(*ast.SelectorExpr); selected { // &http.Client{…}.Do
		return false
	}
	m.replace(c.Pos(), c.End(), "&"+m.need("net/http", "http")+".Client{Transport: "+m.need(otelhttp, "otelhttp")+".NewTransport(nil)}")
	m.changed(u)
	return true
}

// configure removes a Configure that has no effect.
func (m *migration) configure(u use) bool {
	c := m.call(u)
	if c == nil || len(c.Args) != 1 {
		return false
	}
	lit, ok := c.Args[0].(*ast.CompositeLit)
	if !ok {
		return false
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if key, ok := kv.Key.(*ast.Ident); !ok || key.Name != "LogLevel" && key.Name != "LogFormat" {
			return false
		}
		if m.pass.TypesInfo.Types[kv.Value].Value == nil { // a call may do something
			return false
		}
	}
	var stmt ast.Stmt
	switch p := m.parents[c].(type) {
	case *ast.ExprStmt:
		stmt = p
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && blank(p.Lhs[0]) {
			stmt = p
		}
	}
	if stmt == nil || !m.statement(stmt) {
		return false
	}
	config, ok := lit.Type.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	file := m.pass.Fset.File(stmt.Pos())
	from, to := stmt.Pos(), stmt.End()
	if m.alone(stmt) {
		from = file.LineStart(file.Line(from))
		if line := file.Line(to); line < file.LineCount() {
			to = file.LineStart(line + 1)
		}
	}
	m.replace(from, to, "")
	m.changed(u)
	m.changed(use{selector: config, from: u.from})
	return true
}

// alone reports whether nothing else is on the lines of a statement: no other one
// and no comment.
func (m *migration) alone(stmt ast.Stmt) bool {
	file := m.pass.Fset.File(stmt.Pos())
	first, last := file.Line(stmt.Pos()), file.Line(stmt.End())
	var list []ast.Stmt
	switch p := m.parents[stmt].(type) {
	case *ast.BlockStmt:
		if file.Line(p.Lbrace) == first || file.Line(p.Rbrace) == last {
			return false
		}
		list = p.List
	case *ast.CaseClause:
		if file.Line(p.Colon) == first {
			return false
		}
		list = p.Body
	case *ast.CommClause:
		if file.Line(p.Colon) == first {
			return false
		}
		list = p.Body
	}
	for _, other := range list {
		if other != stmt && file.Line(other.Pos()) <= last && file.Line(other.End()) >= first {
			return false
		}
	}
	return !slices.ContainsFunc(m.file.Comments, func(c *ast.CommentGroup) bool {
		return file.Line(c.Pos()) <= last && file.Line(c.End()) >= first
	})
}

// subsegment changes ctx, seg := xray.BeginSubsegment(ctx, name) where seg is for
// seg.Close(nil) only.
func (m *migration) subsegment(u use) bool {
	c := m.call(u)
	if c == nil || len(c.Args) != 2 {
		return false
	}
	assign, ok := m.parents[c].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE || len(assign.Lhs) != 2 || !m.statement(assign) {
		return false
	}
	id, ok := assign.Lhs[1].(*ast.Ident)
	if !ok {
		return false
	}
	seg, ok := m.pass.TypesInfo.Defs[id].(*types.Var)
	if !ok { // blank: nobody closes it; or an older variable
		return false
	}
	var closes []*ast.CallExpr
	for ident, obj := range m.pass.TypesInfo.Uses {
		if obj != seg {
			continue
		}
		closing := m.closesWithNil(ident)
		if closing == nil {
			return false
		}
		closes = append(closes, closing)
	}
	if len(closes) == 0 {
		return false
	}
	for _, closing := range closes {
		sel := closing.Fun.(*ast.SelectorExpr).Sel
		m.replace(sel.Pos(), closing.End(), "End()")
	}
	m.replace(u.selector.Pos(), u.selector.End(),
		m.need(otelPath, "otel")+".Tracer("+strconv.Quote(m.pass.Pkg.Path())+").Start")
	m.changed(u)
	return true
}

// closesWithNil returns the call seg.Close(nil) or seg.CloseAndStream(nil) of
// which ident is the receiver.
func (m *migration) closesWithNil(ident *ast.Ident) *ast.CallExpr {
	sel, ok := m.parents[ident].(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Close" && sel.Sel.Name != "CloseAndStream" {
		return nil
	}
	c, ok := m.parents[sel].(*ast.CallExpr)
	if !ok || c.Fun != sel || len(c.Args) != 1 || !m.pass.TypesInfo.Types[c.Args[0]].IsNil() {
		return nil
	}
	return c
}
