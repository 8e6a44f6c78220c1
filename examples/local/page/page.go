// Package page is the browser's side of the local X-Ray: service map, traces,
// cold starts, comparison and health.
//
// The page is plain files under web, served as they are: ES modules, one style
// sheet, one document for every route. It draws what the JSON API answers, which is
// not here, and loads nothing from elsewhere. Every string of a segment document is
// foreign text: the page only ever makes text nodes and attributes of it, and the
// Content-Security-Policy would stop what slipped through.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
)

//go:generate go run ./internal/vendor/vendorize web/vendor

//go:embed web
var embedded embed.FS

// files are those below web.
var files = func() fs.FS {
	sub, err := fs.Sub(embedded, "web")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}()

// routes answer with the page, which shows by its address what is wanted.
var routes = []string{"/{$}", "/map", "/traces", "/trace/{id}", "/compare/{a}/{b}", "/mappings/{trace}", "/cold", "/health"}

// Handler serves the page, and traces and map as files of their own. What else is
// asked for goes to api, which answers /api/ and X-Ray's API. Whoever serves it
// checks Host and Origin before, see xray.Guard.
func Handler(api http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.HandleFunc("GET "+route, func(w http.ResponseWriter, r *http.Request) {
			if id, ok := strings.CutSuffix(r.PathValue("id"), ".html"); ok {
				serveShared(w, r, api, "/api/trace/"+id)
				return
			}
			serveIndex(w)
		})
	}
	mux.HandleFunc("GET /map.html", func(w http.ResponseWriter, r *http.Request) {
		serveShared(w, r, api, "/api/graph?"+r.URL.RawQuery)
	})
	mux.Handle("GET /web/", noSniff(http.StripPrefix("/web/", http.FileServerFS(files))))
	mux.Handle("/", api)
	return mux
}

// index is the page's document.
var index = mustRead("index.html")

// policy is what the page may do: run the scripts of this server and the import
// map, whose hash stands in for its text, and nothing else.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self' '" + hashOf(importMap(index)) + "'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self'",
	"worker-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types layout-worker",
}, "; ")

func serveIndex(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(index) // a client that is gone
}

func noSniff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", policy) // a worker has its own
		next.ServeHTTP(w, r)
	})
}

var importMapScript = regexp.MustCompile(`(?s)<script type="importmap">(.*?)</script>`)

// importMap returns the text of the inline import map.
func importMap(document []byte) []byte { return importMapScript.FindSubmatch(document)[1] }

// hashOf names an inline script in a Content-Security-Policy.
func hashOf(script []byte) string {
	sum := sha256.Sum256(script)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func mustRead(name string) []byte {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err) // it is embedded
	}
	return b
}
