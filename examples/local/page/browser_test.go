package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of the browser.
type tab = context.Context

// browser starts headless Chromium, one for all tests, and returns a tab of it. It
// fails the test if the page throws or a script is refused.
func browser(t *testing.T) tab {
	t.Helper()
	shared := startBrowser(t)
	tab, cancel := chromedp.NewContext(shared)
	t.Cleanup(cancel)
	err := chromedp.Listen(tab, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
		case *log.EventEntryAdded: // a policy that was broken, for one
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				t.Errorf("the browser said: %s", e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.EmulateViewport(1280, 800))
	return tab
}

var startedBrowser = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	ctx, cancel := chromedp.NewContext(allocator)
	endBrowser = cancel
	return ctx, chromedp.Do(ctx)
})

var endBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	endConsole()
	endBrowser()
	os.Exit(code)
}

func startBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx, err := startedBrowser()
	switch {
	case err != nil && os.Getenv("CI") == "":
		t.Skipf("no browser to test with, install Debian's chromium: %v", err)
	case err != nil:
		t.Fatalf("no browser: %v", err)
	}
	return ctx
}

// do runs actions, within a minute.
func do(t *testing.T, tab tab, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// evaluate returns what an expression of the page's is.
func evaluate[T any](t *testing.T, tab tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for a condition of the page's.
func until(t *testing.T, tab tab, condition string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !evaluate[bool](t, tab, "Boolean("+condition+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("does not become true: %s\n%s", condition, evaluate[string](t, tab, "document.body.innerText"))
		}
	}
}

// serve serves the page over a fake API.
func serve(t *testing.T, api http.Handler) string {
	t.Helper()
	server := httptest.NewServer(Handler(api))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return strings.TrimSuffix(server.URL, "/")
}
