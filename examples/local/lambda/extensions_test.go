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
	if len(lines) != 6 || lines[0] != `subscribed "OK"` || lines[1] != `daemon ""` || !strings.Contains(lines[4], "INVOKE") || !strings.Contains(lines[5], `"shutdownReason":"timeout"`) {
		t.Errorf("%s", text)
	}
	// The third invocation was long enough to be told of those before, and of what the
	// function printed; not of what the extension did.
	telemetry, err := os.ReadFile(path + ".telemetry")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"platform.initStart", "platform.telemetrySubscription", `"record":"do hang","time":`, "platform.runtimeDone", `"name":"extensionOverhead"`} {
		if !strings.Contains(string(telemetry), want) {
			t.Errorf("no %s in\n%s", want, telemetry)
		}
	}
}

func TestExtensionThatIsNotThere(t *testing.T) {
	p, _ := testPlatform(t, "echo")
	p.Extensions = []string{"/nowhere"}
	if o, err := p.Call(t.Context(), Request{}); err == nil && o.FunctionError == "" {
		t.Error("the function ran without its extension")
	}
}
