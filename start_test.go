package lambdaxray_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestStartGlobals(t *testing.T) {
	p := startFunction(t, "orders", xraytest.Function{})
	result := p.event(active, `{"do":"globals"}`)
	d := p.document()
	if len(d.Subsegments) != 1 || d.Subsegments[0].Name != "global" {
		t.Errorf("subsegments %v", d.Subsegments)
	}
	// The call that goes out is the function span's, with the hops counted so far.
	if want := `["Root=` + rootID + `;Parent=` + d.ID + `;Sampled=1;Lineage=a87bd80c:1",true]`; string(result.Payload) != want {
		t.Errorf("payload %s, want %s", result.Payload, want)
	}

	p = startFunction(t, "without globals", xraytest.Function{})
	p.event(active, `{"do":"globals"}`)
	if d := p.document(); len(d.Subsegments) != 0 {
		t.Errorf("subsegments %v", d.Subsegments)
	}
}

// A function runs whatever is wrong with its tracing.
func TestStartWithBadSettings(t *testing.T) {
	p := startFunction(t, "orders", xraytest.Function{DaemonAddress: "nowhere"})
	if result := p.event(active, `{}`); string(result.Payload) != `"ok"` {
		t.Errorf("payload %s", result.Payload)
	}
	if text := p.output.String(); !strings.Contains(text, "AWS_XRAY_DAEMON_ADDRESS") {
		t.Errorf("output %s", text)
	}
}

func TestStartDisabled(t *testing.T) {
	p := startFunction(t, "orders", xraytest.Function{}, "OTEL_SDK_DISABLED=true")
	if result := p.event(active, `{"do":"globals"}`); string(result.Payload) != `["",false]` {
		t.Errorf("payload %s", result.Payload)
	}
	p.quiet()
}

func TestWithoutSIGTERM(t *testing.T) {
	p := startFunction(t, "without SIGTERM", xraytest.Function{})
	p.event(active, `{"do":"late"}`)
	p.document()
	p.event(passed, `{"do":"wait"}`)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	p.quiet()
}

func TestStartWithProvider(t *testing.T) {
	p := startFunction(t, "given provider", xraytest.Function{})
	p.event(active, `{"do":"globals"}`)
	d := p.document()
	if d.Annotations["Service"] != "mine" || len(d.Subsegments) != 1 || d.Subsegments[0].Name != "global" {
		t.Errorf("annotations %v, subsegments %v", d.Annotations, d.Subsegments)
	}
}

func TestFlushOfLaterProvider(t *testing.T) {
	p := startFunction(t, "early wrapper", xraytest.Function{})
	p.event(active, `{}`)
	p.document()
}

// With the option, Lambda is told to send the signal: the function registers an
// internal extension, which waits for events that never come.
func TestWithSIGTERM(t *testing.T) {
	registered := make(chan string, 1)
	p := newProcess(t, "registered", xraytest.Function{})
	p.start(p.inFront(func(mux *http.ServeMux, _ http.Handler) {
		mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, r *http.Request) {
			registered <- r.Header.Get("Lambda-Extension-Name")
			w.Header().Set("Lambda-Extension-Identifier", "1")
		})
		mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		})
	}))
	select {
	case name := <-registered:
		if name == "" {
			t.Error("no extension name")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing registered")
	}
	p.event(active, `{"do":"late"}`)
	function := p.document()
	p.event(passed, `{"do":"wait"}`)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if late := p.document(); late.ParentID != function.ID {
		t.Errorf("document %q beneath %s", late.Name, late.ParentID)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(p.output.String(), "callback"); {
		if time.Now().After(deadline) {
			t.Fatal("the callback did not run")
		}
	}
}

// The callbacks are the program's own and run whatever is wrong with tracing.
func TestSIGTERMUntraced(t *testing.T) {
	for name, env := range map[string]string{"disabled": "OTEL_SDK_DISABLED=true", "a bad address": "AWS_XRAY_DAEMON_ADDRESS=nowhere"} {
		t.Run(name, func(t *testing.T) {
			p := newProcess(t, "registered", xraytest.Function{})
			p.start(env, p.inFront(func(mux *http.ServeMux, _ http.Handler) {
				mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Lambda-Extension-Identifier", "1")
				})
				mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
				})
			}))
			p.event(active, `{}`)
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(10 * time.Second); !strings.Contains(p.output.String(), "callback"); {
				if time.Now().After(deadline) {
					t.Fatal("the callback did not run")
				}
			}
		})
	}
}
