package lambdaxray_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// One test a row of the table "what happens when": each runs a function in a
// process of its own.

const (
	rootID   = "1-581cf771-a006649127e371903a2de979"
	parentID = "53995c3f42cd8ad8"
	active   = "Root=" + rootID + ";Parent=" + parentID + ";Sampled=1;Lineage=a87bd80c:1"
	passed   = "Root=" + rootID + ";Parent=" + parentID + ";Sampled=0;Lineage=a87bd80c:1"
)

func TestBeforeFirstInvocation(t *testing.T) {
	for _, c := range []struct {
		name, header, holder string
	}{
		{"platform owns the segment", active, "init"},
		{"own segment", "", "Initialization"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startFunction(t, "init", xraytest.Function{})
			if c.header != "" {
				p.event(passed, `{}`) // not sampled: the spans wait
				p.quiet()
			}
			p.event(c.header, `{}`)
			n := 1
			if c.holder == "init" {
				n = 2 // it is an independent subsegment beside the function span's
			}
			docs := p.documents(n)
			holder, function := find(t, docs, c.holder), find(t, docs, "orders")
			load := find(t, []*segment.Document{holder}, "load config")
			find(t, []*segment.Document{load}, "open database")
			if docs[0].TraceID != docs[n-1].TraceID {
				t.Errorf("traces %s and %s", docs[0].TraceID, docs[n-1].TraceID)
			}
			if !ordered(load.StartTime.String(), load.EndTime.String(), function.StartTime.String()) {
				t.Errorf("load config %s to %s, function from %s", load.StartTime, load.EndTime, function.StartTime)
			}
			if c.holder == "init" && holder.ParentID != parentID {
				t.Errorf("init is beneath %s", holder.ParentID)
			}
			p.event(active, `{}`)
			if again := p.document(); lookup([]*segment.Document{again}, "load config") != nil {
				t.Error("the spans of initialization came twice")
			}
		})
	}
}

func TestColdStart(t *testing.T) {
	for _, c := range []struct {
		initialization string
		first          bool
	}{
		{"on-demand", true},
		{"snap-start", true},
		{"provisioned-concurrency", false},
		{"lambda-managed-instances", false},
	} {
		t.Run(c.initialization, func(t *testing.T) {
			p := startFunction(t, "orders", xraytest.Function{InitializationType: c.initialization})
			for _, want := range []bool{c.first, false, false} {
				p.event(active, `{}`)
				if got := p.document().Annotations["ColdStart"]; got != want {
					t.Errorf("ColdStart is %v, want %v", got, want)
				}
			}
		})
	}
	t.Run("after one that is not sampled", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{})
		p.event(passed, `{}`)
		p.event(active, `{}`)
		if got := p.document().Annotations["ColdStart"]; got != false {
			t.Errorf("ColdStart is %v for the second invocation", got)
		}
	})
	t.Run("own segment", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{})
		p.event("", `{}`)
		own := p.document()
		initialization := find(t, []*segment.Document{own}, "Initialization")
		// The kernel knows a start in ticks of 10 ms.
		started := fmt.Sprintf("%.9f", float64(p.started.Add(-20*time.Millisecond).UnixNano())/1e9)
		if !ordered(started, initialization.StartTime.String(), initialization.EndTime.String(), own.StartTime.String()) {
			t.Errorf("process %s, Initialization %s to %s, segment %s", started, initialization.StartTime, initialization.EndTime, own.StartTime)
		}
		if own.Origin != "AWS::Lambda::Function" {
			t.Errorf("origin %q", own.Origin)
		}
	})
}

func TestErrorPanicExit(t *testing.T) {
	t.Run("error", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{})
		result := p.event(active, `{"do":"error"}`)
		if result.FunctionError == "" || result.ErrorType != "wrapError" {
			t.Errorf("result %+v", result)
		}
		d := p.document()
		if !d.Fault || d.Cause == nil {
			t.Fatalf("fault %t, cause %v", d.Fault, d.Cause)
		}
		want := [][2]string{
			{"*fmt.wrapError", "order 7: no price: out of stock\npermission denied"},
			{"*errors.joinError", "no price: out of stock; permission denied"},
			{"*lambdaxray_test.priceError", "no price: out of stock"},
			{"*errors.errorString", "out of stock"},
			{"*errors.errorString", "permission denied"},
		}
		var got [][2]string
		for i, e := range d.Cause.Exceptions {
			got = append(got, [2]string{e.Type, e.Message})
			if i > 0 && d.Cause.Exceptions[i-1].Cause != e.ID {
				t.Errorf("exception %d is not linked to", i)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("exceptions (-want +got):\n%s", diff)
		}
	})
	t.Run("panic", func(t *testing.T) {
		for event, want := range map[string]struct {
			typ, message, frame string
			frames              int
		}{
			`{"do":"panic","n":2}`: {"string", "price is 0", "panicking", 4},
			`{"do":"nil map"}`:     {"runtime.plainError", "assignment to entry in nil map", "orders", 1},
		} {
			p := startFunction(t, "orders", xraytest.Function{})
			result := p.event(active, event)
			if result.FunctionError == "" || !strings.Contains(string(result.Payload), want.message) {
				t.Errorf("result %+v, payload %s", result, result.Payload)
			}
			<-p.exited // aws-lambda-go ends the process
			d := p.document()
			if !d.Fault || d.Cause == nil || len(d.Cause.Exceptions) != 1 {
				t.Fatalf("fault %t, cause %v", d.Fault, d.Cause)
			}
			e := d.Cause.Exceptions[0]
			if e.Type != want.typ || e.Message != want.message {
				t.Errorf("exception %q %q", e.Type, e.Message)
			}
			if len(e.Stack) != want.frames || !strings.HasSuffix(e.Stack[0].Label, "."+want.frame) || !strings.HasSuffix(e.Stack[len(e.Stack)-1].Label, ".orders") {
				t.Errorf("stack %+v", e.Stack)
			}
		}
	})
	t.Run("exit", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{})
		if result := p.event(active, `{"do":"exit"}`); result.ErrorType != "Runtime.ExitError" {
			t.Errorf("result %+v", result)
		}
		p.quiet() // nothing can be done; the documentation says so
	})
}

func TestDeadline(t *testing.T) {
	t.Run("killed", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{Timeout: 400 * time.Millisecond})
		result := p.event(active, `{"do":"hang"}`)
		if result.ErrorType != "Sandbox.Timedout" {
			t.Errorf("result %+v", result)
		}
		d := p.document()
		_ = p.cmd.Process.Kill()
		slow := find(t, []*segment.Document{d}, "slow")
		if !d.InProgress || !slow.InProgress || d.EndTime != "" {
			t.Errorf("in progress: function %t, slow %t", d.InProgress, slow.InProgress)
		}
	})
	t.Run("just in time", func(t *testing.T) {
		p := startFunction(t, "orders", xraytest.Function{Timeout: 3 * time.Second})
		p.event(active, `{"do":"hang","n":1}`)
		docs := p.documents(2)
		if docs[0].ID != docs[1].ID {
			t.Errorf("ids %s and %s", docs[0].ID, docs[1].ID)
		}
		if !docs[0].InProgress || docs[1].InProgress || docs[1].EndTime == "" {
			t.Errorf("in progress: first %t, then %t", docs[0].InProgress, docs[1].InProgress)
		}
	})
}

// The response is held back until a document has come, which deadlocks if it is
// to come after.
func TestEnd(t *testing.T) {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	written := make(chan error, 1)
	p := newProcess(t, "orders", xraytest.Function{DaemonAddress: daemon.LocalAddr().String()})
	api := p.inFront(func(mux *http.ServeMux, runtime http.Handler) {
		mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
			_ = daemon.SetReadDeadline(time.Now().Add(5 * time.Second))
			_, _, err := daemon.ReadFrom(make([]byte, segment.MaxDatagram))
			written <- err
			runtime.ServeHTTP(w, r)
		})
	})
	p.start(api)
	for range 3 {
		p.event(active, `{"do":"named","name":"x"}`)
		if err := <-written; err != nil {
			t.Errorf("no document before the response: %v", err)
		}
	}
}

func TestSocketDiesInFreeze(t *testing.T) {
	daemon, err := xraytest.StartDaemon("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := daemon.Addr()
	p := startFunction(t, "orders", xraytest.Function{DaemonAddress: addr})
	p.event(active, `{}`)
	if _, err := daemon.Wait(p.context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Close(); err != nil {
		t.Fatal(err)
	}
	p.event(active, `{}`) // refused, which the socket says at its next use
	daemon, err = xraytest.StartDaemon(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	p.event(active, `{}`)
	if _, err := daemon.Wait(p.context(), 1); err != nil {
		t.Error(err)
	}
}

func TestLateSpans(t *testing.T) {
	p := startFunction(t, "orders", xraytest.Function{})
	p.event(active, `{"do":"late"}`)
	function := p.document()
	if lookup([]*segment.Document{function}, "late") != nil {
		t.Fatal("the late span was not late")
	}
	// "wait" returns once the late span has ended.
	p.event("Root=1-581cf772-a006649127e371903a2de979;Parent=53995c3f42cd8ad9;Sampled=1", `{"do":"wait"}`)
	docs := p.documents(2)
	late := find(t, docs, "late")
	if late.TraceID != rootID || late.ParentID != function.ID || late.Type != "subsegment" {
		t.Errorf("late span: trace %s, parent %s, type %q", late.TraceID, late.ParentID, late.Type)
	}
}

func TestLongInvocation(t *testing.T) {
	const spans = 5000
	p := startFunction(t, "patient", xraytest.Function{})
	p.event(active, fmt.Sprintf(`{"do":"spans","n":%d}`, spans))
	count := 0
	for deadline := time.Now().Add(10 * time.Second); count < spans && time.Now().Before(deadline); {
		count = 0
		for _, raw := range p.daemon.Documents() {
			count += strings.Count(string(raw), `"name":"one"`)
		}
	}
	if count != spans {
		t.Errorf("%d spans arrived, want %d", count, spans)
	}
}

func TestConcurrency64(t *testing.T) {
	const invocations = 64
	p := startFunction(t, "orders", xraytest.Function{MaxConcurrency: invocations, InitializationType: "lambda-managed-instances"})
	var wg sync.WaitGroup
	for i := range invocations {
		wg.Go(func() {
			name := fmt.Sprintf("order-%02d", i)
			result, err := p.runtime.Invoke(p.context(), xraytest.Invocation{
				TraceHeader: fmt.Sprintf("Root=1-581cf771-%024x;Parent=%016x;Sampled=1", i/2+1, i+1), // two share a trace
				Payload:     fmt.Appendf(nil, `{"do":"meet","n":%d,"name":%q}`, invocations, name),
			})
			if err != nil || string(result.Payload) != fmt.Sprintf("%q", name) {
				t.Errorf("%s: %s, %v", name, result.Payload, err)
			}
		})
	}
	wg.Wait()
	for _, d := range p.documents(invocations) {
		var i int
		if _, err := fmt.Sscanf(d.ParentID, "%x", &i); err != nil {
			t.Fatal(err)
		}
		i--
		name := fmt.Sprintf("order-%02d", i)
		if want := fmt.Sprintf("1-581cf771-%024x", i/2+1); d.TraceID != want {
			t.Errorf("%s is in trace %s, want %s", name, d.TraceID, want)
		}
		if len(d.Subsegments) != 1 || d.Subsegments[0].Name != name || d.Subsegments[0].Annotations["name"] != name ||
			len(d.Subsegments[0].Subsegments) != 1 || d.Subsegments[0].Subsegments[0].Name != name {
			t.Errorf("beneath %s: %+v", name, d.Subsegments)
		}
	}
}

func TestShutdownSIGTERM(t *testing.T) {
	p := startFunction(t, "orders", xraytest.Function{})
	p.event(active, `{"do":"late"}`)
	function := p.document()
	// "wait" ends after the late span; not sampled, it sends nothing.
	p.event(passed, `{"do":"wait"}`)
	p.quiet()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	late := p.document()
	if late.Name != "late" || late.ParentID != function.ID {
		t.Errorf("document %q beneath %s", late.Name, late.ParentID)
	}
	<-p.exited // as it would have untraced
	if status := p.cmd.ProcessState.String(); status != "signal: terminated" {
		t.Error(status)
	}
}

func TestSlowOrMissingDaemon(t *testing.T) {
	blackhole, err := net.ListenPacket("udp", "127.0.0.1:0") // takes everything, reads nothing
	if err != nil {
		t.Fatal(err)
	}
	defer blackhole.Close()
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	missing := closed.LocalAddr().String()
	closed.Close()
	for name, addr := range map[string]string{"blackhole": blackhole.LocalAddr().String(), "missing": missing} {
		t.Run(name, func(t *testing.T) {
			p := startFunction(t, "orders", xraytest.Function{DaemonAddress: addr})
			const invocations = 50
			began := time.Now()
			for range invocations {
				if result := p.event(active, `{"do":"spans","n":100}`); result.FunctionError != "" {
					t.Fatalf("%s", result.Payload)
				}
			}
			if each := time.Since(began) / invocations; each > exporter.DefaultExportTimeout {
				t.Errorf("%v an invocation", each)
			}
			reports := strings.Count(p.output.String(), "documents lost") + strings.Count(p.output.String(), "document lost")
			if want := map[string]int{"blackhole": 0, "missing": 1}[name]; reports != want {
				t.Errorf("the loss is reported %d times, want %d:\n%s", reports, want, &p.output)
			}
		})
	}
}

// ordered compares times in decimal seconds of this age, which sort as text.
func ordered(times ...string) bool { return slices.IsSorted(times) }
