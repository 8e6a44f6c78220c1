package lambda

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
)

// An extension is told of each invocation and why the environment ends, and gets no
// daemon's address.
func TestExtension(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), testfunction.ExtensionName)
	if err := os.Symlink(self, path); err != nil {
		t.Skip(err)
	}
	p, _ := testPlatform(t, "echo")
	p.Extensions = []string{path}
	for range 2 {
		if o, err := p.Call(t.Context(), Request{Payload: []byte(`{}`)}); err != nil || o.FunctionError != "" {
			t.Fatalf("%v, %s", err, o.Payload)
		}
	}
	o, err := p.Call(t.Context(), Request{Payload: []byte(`{"do":"hang"}`), Timeout: time.Second})
	if err != nil || o.ErrorType != "Sandbox.Timedout" {
		t.Fatalf("%v, %s %s", err, o.ErrorType, o.Payload)
	}
	text, err := os.ReadFile(path + ".events")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 5 || lines[0] != `daemon ""` || !strings.Contains(lines[3], "INVOKE") || !strings.Contains(lines[4], `"shutdownReason":"timeout"`) {
		t.Errorf("%s", text)
	}
}

func TestExtensionThatIsNotThere(t *testing.T) {
	p, _ := testPlatform(t, "echo")
	p.Extensions = []string{"/nowhere"}
	if o, err := p.Call(t.Context(), Request{}); err == nil && o.FunctionError == "" {
		t.Error("the function ran without its extension")
	}
}
