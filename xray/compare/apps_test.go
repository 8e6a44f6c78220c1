package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// apps are programs as public ones are, with what their maps look like: the SDK's,
// and ours after either step.
var apps = []struct {
	name   string
	lambda bool
	sdk    []string
	ours   []string
}{
	{
		// Handler is a second segment in the SDK, and the HTTP request of the AWS
		// call a second node.
		name: "chi", lambda: true,
		sdk:  []string{"aws route 53", "remote 127.0.0.1:port", "segment api"},
		ours: []string{"aws route 53"},
	},
	{
		name: "lambdas", lambda: true,
		sdk:  []string{"aws dynamodb"},
		ours: []string{"aws dynamodb"},
	},
	{
		name: "cli",
		sdk:  []string{"remote 127.0.0.1:port", "segment backup"},
		ours: []string{"remote 127.0.0.1:port", "segment backup"},
	},
	{
		name: "mesh",
		sdk:  []string{"remote 127.0.0.1:port", "segment prod-colors", "segment prod-gateway"},
		ours: []string{"remote 127.0.0.1:port", "segment prod-colors", "segment prod-gateway"},
	},
	{
		name: "router",
		sdk:  []string{"segment shop"},
		ours: []string{"segment shop"},
	},
}

// TestApps takes five programs through both steps of examples/migrate: they build,
// run, and draw the map that they should.
func TestApps(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles fifteen programs")
	}
	dir := t.TempDir()
	tool := filepath.Join(dir, "migrate")
	goRun(t, "../../examples/migrate", "build", "-o", tool, ".")
	source := filepath.Join(dir, "apps")
	if err := os.CopyFS(source, os.DirFS("testdata/apps")); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin") + string(filepath.Separator)
	check := func(want func(i int) []string) {
		t.Helper()
		goRun(t, source, "build", "-o", bin, "./...")
		for i, app := range apps {
			got := nodesOf(t, filepath.Join(bin, app.name), app.lambda)
			if !slices.Equal(got, want(i)) {
				t.Errorf("%s: the map has %q, want %q", app.name, got, want(i))
			}
		}
	}
	check(func(i int) []string { return apps[i].sdk })
	for _, step := range []string{"fix", "otel"} {
		cmd := exec.Command(tool, "-"+step, "-mod=false", "./...")
		cmd.Dir, cmd.Env = source, append(os.Environ(), "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("migrate -%s: %v\n%s", step, err, out)
		}
		useMod(t, source, "testdata/apps_"+step)
		check(func(i int) []string { return apps[i].ours })
	}
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// useMod gives a module the go.mod that the step leaves behind, whose replacements
// are relative to testdata/apps.
func useMod(t *testing.T, dir, name string) {
	t.Helper()
	base, err := filepath.Abs("testdata/apps")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name + ".mod")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`=> (\.\./\S*)`).ReplaceAllFunc(text, func(m []byte) []byte {
		return append([]byte("=> "), filepath.Join(base, string(m[len("=> "):]))...)
	})
	write(t, filepath.Join(dir, "go.mod"), text)
	sum, err := os.ReadFile(name + ".sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), sum)
}

// nodesOf runs a program and returns the nodes of its map.
func nodesOf(t *testing.T, binary string, lambda bool) []string {
	t.Helper()
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "hostedzone") {
			io.WriteString(w, `<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones/></ListHostedZonesResponse>`)
			return
		}
		io.WriteString(w, "{}")
	}))
	defer stub.Close()
	daemon := xraytest.NewDaemon(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), "STUB="+stub.URL, "AWS_XRAY_DAEMON_ADDRESS="+daemon.Addr())
	var out bytes.Buffer
	cmd.Stderr = &out
	if lambda {
		invoke(t, cmd, []string{header}, &out)
	} else if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", binary, err, out.String())
	}
	nodes := map[string]bool{}
	for _, doc := range settled(t, daemon) {
		addNodes(t, nodes, port.ReplaceAll(doc, []byte("127.0.0.1:port")), true)
	}
	var list []string
	for n := range nodes {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// addNodes adds what a document draws: a segment, and calls. A call to another
// segment of the map is an edge; here its name is that of the one to the stub.
func addNodes(t *testing.T, nodes map[string]bool, doc json.RawMessage, top bool) {
	t.Helper()
	var d struct {
		Name, Type, Namespace string
		Subsegments           []json.RawMessage
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatalf("%v: %s", err, doc)
	}
	switch {
	case d.Namespace != "":
		nodes[d.Namespace+" "+strings.ToLower(d.Name)] = true
	case top && d.Type != "subsegment":
		nodes["segment "+d.Name] = true
	}
	for _, s := range d.Subsegments {
		addNodes(t, nodes, s, false)
	}
}
