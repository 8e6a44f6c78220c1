package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
)

// serveShared answers with one file that shows what api answers at the address,
// and opens anywhere: style, modules and data are in it. Its policy lets nothing
// run but the one script, and nothing be loaded.
func serveShared(w http.ResponseWriter, r *http.Request, api http.Handler, address string) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request.Host = r.Host
	answer := recorder{header: http.Header{}, status: http.StatusOK}
	api.ServeHTTP(&answer, request)
	if answer.status != http.StatusOK {
		w.Header().Set("Content-Type", answer.header.Get("Content-Type"))
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.body.Bytes()) // a client that is gone
		return
	}
	var data bytes.Buffer
	json.HTMLEscape(&data, answer.body.Bytes()) // so that no string in it ends the script element
	script := bundle("shared.js")
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", sharedPolicy(script))
	h.Set("X-Content-Type-Options", "nosniff")
	fmt.Fprintf(w, sharedDocument, sharedPolicy(script), style, data.Bytes(), script)
}

const sharedDocument = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="%s">
<title>X-Ray</title>
<style>%s</style>
</head>
<body><div id="app"></div>
<script type="application/json" id="data">%s</script>
<script type="module">%s</script>
</body>
</html>
`

var style = mustRead("style.css")

func sharedPolicy(script []byte) string {
	return "default-src 'none'; script-src '" + hashOf(script) + "'; style-src '" + hashOf(style) + "'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types layout-worker"
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// The modules use two forms of import and two of export, each a line or a statement
// that nothing else in them looks like.
var (
	importNames = regexp.MustCompile(`import\s*\{([^{}]*)\}\s*from\s*"([^"]+)";?`)
	importOne   = regexp.MustCompile(`import\s+([A-Za-z_$][\w$]*)\s+from\s*"([^"]+)";?`)
	importOnly  = regexp.MustCompile(`(?m)^import\s*"([^"]+)";`)
	exportNames = regexp.MustCompile(`export\s*\{([^{}]*)\};?`)
	exportThis  = regexp.MustCompile(`(?m)^export ((?:async )?(?:function|const|let|class) +)([A-Za-z_$][\w$]*)`)
	exportOne   = regexp.MustCompile(`export default\s*`)
	sourceMap   = regexp.MustCompile(`(?m)^//# sourceMappingURL=.*$`)
)

// bundle joins a module and all that it imports to one script: a file that opens
// from anywhere cannot load modules. Each becomes a function of its own, called
// once, behind those that it imports.
func bundle(entry string) []byte {
	b := bundler{done: map[string]bool{}}
	b.add(entry)
	return b.out.Bytes()
}

type bundler struct {
	done map[string]bool
	out  bytes.Buffer
}

// bare are the names that the import map resolves.
var bare = func() map[string]string {
	var m struct {
		Imports map[string]string `json:"imports"`
	}
	if err := json.Unmarshal(importMap(index), &m); err != nil {
		panic(err) // it is embedded
	}
	return m.Imports
}()

// resolve returns the file that a module means by a name.
func resolve(from, name string) string {
	if address, ok := bare[name]; ok {
		return strings.TrimPrefix(address, "/web/")
	}
	return path.Join(path.Dir(from), name)
}

func (b *bundler) add(file string) {
	if b.done[file] {
		return
	}
	b.done[file] = true
	source := sourceMap.ReplaceAllString(string(mustRead(file)), "")
	need := func(name string) string {
		target := resolve(file, name)
		b.add(target)
		return fmt.Sprintf("modules[%q]", target)
	}
	replace := func(pattern *regexp.Regexp, with func(m []string) string) {
		source = pattern.ReplaceAllStringFunc(source, func(s string) string { return with(pattern.FindStringSubmatch(s)) })
	}
	replace(importNames, func(m []string) string {
		return "const {" + strings.ReplaceAll(m[1], " as ", ": ") + "} = " + need(m[2]) + ";"
	})
	replace(importOne, func(m []string) string { return "const " + m[1] + " = " + need(m[2]) + ".default;" })
	replace(importOnly, func(m []string) string { need(m[1]); return "" })
	var exports []string
	replace(exportThis, func(m []string) string {
		exports = append(exports, m[2])
		return m[1] + m[2]
	})
	replace(exportNames, func(m []string) string {
		for name := range strings.SplitSeq(m[1], ",") {
			local, as, renamed := strings.Cut(strings.TrimSpace(name), " as ")
			if renamed {
				local = as + ": " + local
			}
			exports = append(exports, local)
		}
		return ""
	})
	if exportOne.MatchString(source) {
		source = exportOne.ReplaceAllString(source, "const exported = ")
		exports = append(exports, "default: exported")
	}
	if b.out.Len() == 0 {
		b.out.WriteString("const modules = {};\n")
	}
	fmt.Fprintf(&b.out, "modules[%q] = (() => {\n%s\nreturn {%s};\n})();\n", file, strings.TrimSpace(source), strings.Join(exports, ", "))
}
