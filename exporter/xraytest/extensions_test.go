package xraytest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// An extension is told of an invocation at the same time as the function, and of the end.
func TestExtensionEvents(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	call := func(method, path string, header ...string) (*http.Response, map[string]any) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, "http://"+r.Addr()+path, strings.NewReader(`{"events":["INVOKE","SHUTDOWN"]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header[0], header[1])
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		return resp, body
	}
	resp, body := call("POST", "/2020-01-01/extension/register", "Lambda-Extension-Name", "x")
	id := resp.Header.Get("Lambda-Extension-Identifier")
	if id == "" || body["functionName"] != "function" || body["handler"] != "bootstrap" {
		t.Fatalf("id %q, body %v", id, body)
	}
	if resp, _ := call("GET", "/2020-01-01/extension/event/next", "Lambda-Extension-Identifier", "other"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger: %s", resp.Status)
	}
	next := func() map[string]any {
		_, body := call("GET", "/2020-01-01/extension/event/next", "Lambda-Extension-Identifier", id)
		return body
	}
	events := make(chan map[string]any)
	go func() { events <- next() }()
	if err := r.WaitExtensions(ctx, 1); err != nil {
		t.Fatal(err)
	}
	go func() { // the function, which takes an event and never answers
		if resp, err := http.Get("http://" + r.Addr() + "/2018-06-01/runtime/invocation/next"); err == nil {
			resp.Body.Close()
		}
	}()
	go func() {
		_, _ = r.Invoke(ctx, xraytest.Invocation{RequestID: "7", TraceHeader: "Root=1"})
	}()
	e := <-events
	if e["eventType"] != "INVOKE" || e["requestId"] != "7" || e["tracing"].(map[string]any)["value"] != "Root=1" || e["deadlineMs"].(float64) == 0 {
		t.Errorf("%v", e)
	}
	r.Shutdown("timeout")
	if e := next(); e["eventType"] != "SHUTDOWN" || e["shutdownReason"] != "timeout" {
		t.Errorf("%v", e)
	}
	call("POST", "/2020-01-01/extension/exit/error", "Lambda-Extension-Identifier", id)
	if all := r.Extensions(); len(all) != 1 || all[0].Name != "x" || len(all[0].Errors) != 1 {
		t.Errorf("%+v", all)
	}
}

// On Managed Instances an extension may not ask for INVOKE.
func TestExtensionRegistration(t *testing.T) {
	one := xraytest.NewRuntime(t, xraytest.Function{MaxConcurrency: 1})
	managed := xraytest.NewRuntime(t, xraytest.Function{MaxConcurrency: 2})
	for _, c := range []struct {
		on         *xraytest.Runtime
		name, body string
		want       int
	}{
		{one, "x", `{"events":["INVOKE","SHUTDOWN"]}`, http.StatusOK},
		{one, "", `{"events":["INVOKE"]}`, http.StatusBadRequest},
		{one, "x", `{"events":`, http.StatusBadRequest},
		{one, "x", `{"events":["INIT"]}`, http.StatusBadRequest},
		{managed, "x", `{"events":["SHUTDOWN"]}`, http.StatusOK},
		{managed, "x", `{"events":["INVOKE"]}`, http.StatusBadRequest},
	} {
		req, err := http.NewRequest("POST", "http://"+c.on.Addr()+"/2020-01-01/extension/register", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.name != "" {
			req.Header.Set("Lambda-Extension-Name", c.name)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%q asks for %s of %d: %s, want %d", c.name, c.body, c.on.Function().MaxConcurrency, resp.Status, c.want)
		}
	}
}
